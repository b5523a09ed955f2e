import { badRequest, type KubeObject } from '../../apimachinery/index.ts';
import type { SelfSubjectRulesReview } from '../../kinds/index.ts';
import { type Review, reviewOf } from './review.ts';

/** What may I do in this namespace? (kubectl auth can-i --list) */
export const selfSubjectRulesReview: Review = {
  served: reviewOf('authorization.k8s.io', 'SelfSubjectRulesReview'),
  async answer(body, user, authorizer) {
    const review = body as SelfSubjectRulesReview;
    const namespace = review.spec?.namespace ?? '';
    if (namespace === '') throw badRequest('no namespace on request');
    const rules = await authorizer.rulesFor(user, namespace);
    return { ...review, status: rules } as KubeObject;
  },
};
