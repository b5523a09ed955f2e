import type { Review } from './review.ts';
import { selfSubjectAccessReview } from './self-subject-access-review.ts';
import { selfSubjectReview } from './self-subject-review.ts';
import { selfSubjectRulesReview } from './self-subject-rules-review.ts';

export type { Review } from './review.ts';

/** Every review that is served. */
export const REVIEWS: readonly Review[] = [selfSubjectReview, selfSubjectAccessReview, selfSubjectRulesReview];
