import { type Review, reviewOf } from './review.ts';

/** Who am I? (kubectl auth whoami) */
export const selfSubjectReview: Review = {
  served: reviewOf('authentication.k8s.io', 'SelfSubjectReview'),
  answer: (body, { name, uid, groups, extra }) => {
    const status = { userInfo: { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) } };
    return { ...body, status };
  },
};
