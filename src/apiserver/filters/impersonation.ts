import { forbidden } from '../../apimachinery/index.ts';
import type { Filter } from './filter.ts';

/** Acting as someone else is not served: acting as oneself instead would be wrong, so it is refused by name. */
export const withoutImpersonation: Filter = (next) => (call) => {
  const asked = Object.keys(call.headers).find((name) => name.startsWith('impersonate-'));
  if (asked === undefined) return next(call);
  const name = call.headers['impersonate-user'] ?? '';
  const why = `User "${call.user.name}" cannot impersonate resource "users" in API group "" at the cluster scope: this server does not serve impersonation`;
  return Promise.reject(forbidden({ group: '', resource: 'users' }, name, why));
};
