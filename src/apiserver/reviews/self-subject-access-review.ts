import { type FieldError, fieldInvalid, invalid, type KubeObject } from '../../apimachinery/index.ts';
import type { SelfSubjectAccessReview } from '../../kinds/index.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { type Review, reviewOf } from './review.ts';

/** May I do this? (kubectl auth can-i VERB RESOURCE) */
export const selfSubjectAccessReview: Review = {
  served: reviewOf('authorization.k8s.io', 'SelfSubjectAccessReview'),
  async answer(body, user, authorizer) {
    const review = body as SelfSubjectAccessReview;
    const { allowed, reason } = await authorizer.authorize({ user, request: askedFor(review) });
    return { ...review, status: { allowed, ...(reason ? { reason } : {}) } } as KubeObject;
  },
};

function askedFor({ spec }: SelfSubjectAccessReview): RequestInfo {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  if ((resource === undefined) === (path === undefined)) {
    const errors: readonly FieldError[] = [
      fieldInvalid('spec.resourceAttributes', resource ?? null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    ];
    throw invalid('authorization.k8s.io', 'SelfSubjectAccessReview', '', errors);
  }
  if (path) return { type: 'path', verb: path.verb ?? '', path: path.path ?? '' };
  return {
    type: 'resource',
    verb: resource?.verb ?? '',
    group: resource?.group ?? '',
    version: resource?.version ?? '',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    namespace: resource?.namespace ?? '',
    name: resource?.name ?? '',
  };
}
