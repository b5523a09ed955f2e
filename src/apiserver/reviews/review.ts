import type { KubeObject } from '../../apimachinery/index.ts';
import type { ServedResource } from '../discovery/groups.ts';
import type { Authorizer } from '../filters/authorization.ts';
import type { User } from '../request/call.ts';

/** A question that is answered and not stored. */
export interface Review {
  readonly served: ServedResource;
  /** The body with its answer. */
  answer(body: KubeObject, user: User, authorizer: Authorizer): KubeObject | Promise<KubeObject>;
}

/** What every review has in common in discovery. */
export const reviewOf = (group: string, kind: string): ServedResource => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: false,
  verbs: ['create'],
  subresources: [],
  schema: `io.k8s.api.${group.split('.')[0]}.v1.${kind}`,
});
