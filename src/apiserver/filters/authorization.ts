import { forbidden, StatusError, type Subject, unauthorized } from '../../apimachinery/index.ts';
import { ANONYMOUS, type User } from '../request/call.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { Filter } from './filter.ts';

/** What somebody wants to do: a request that came, or one that a SelfSubjectAccessReview asks about. */
export interface Attributes {
  readonly user: User;
  readonly request: RequestInfo;
}

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Permissions as SelfSubjectRulesReview lists them. */
export interface Rules {
  readonly resourceRules: readonly { readonly verbs: readonly string[]; readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
  readonly nonResourceRules: readonly { readonly verbs: readonly string[]; readonly nonResourceURLs: readonly string[] }[];
  readonly incomplete: boolean;
}

/** Decides who may do what. The place where role-based access control goes. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
  rulesFor(user: User, namespace: string): Rules | Promise<Rules>;
}

const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version'];
const DISCOVERY_PATHS = ['/api', '/apis', '/openapi', ...PUBLIC_PATHS];
const SELF_REVIEWS = new Set(['selfsubjectreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews']);

const under = (path: string, roots: readonly string[]): boolean => roots.some((root) => path === root || path.startsWith(`${root}/`));

/** Members of system:masters may do everything, any known user may ask what there is and what they may do, everybody may ask for health and version. */
export const adminGroupAuthorizer: Authorizer = {
  authorize({ user, request }) {
    if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
    const known = user.groups.includes('system:authenticated');
    if (request.type === 'path' && request.verb === 'get' && under(request.path, known ? DISCOVERY_PATHS : PUBLIC_PATHS)) return { allowed: true, reason: '' };
    if (known && request.type === 'resource' && request.verb === 'create' && SELF_REVIEWS.has(request.resource)) return { allowed: true, reason: '' };
    return { allowed: false, reason: '' };
  },
  rulesFor(user) {
    const all = user.groups.includes('system:masters');
    return {
      resourceRules: all
        ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
        : [{ verbs: ['create'], apiGroups: ['authentication.k8s.io', 'authorization.k8s.io'], resources: [...SELF_REVIEWS] }],
      nonResourceRules: [{ verbs: all ? ['*'] : ['get'], nonResourceURLs: all ? ['*'] : DISCOVERY_PATHS.flatMap((path) => [path, `${path}/*`]) }],
      incomplete: false,
    };
  },
};

/** 403 in Kubernetes' words. */
function forbiddenFor({ user, request }: Attributes, reason: string): StatusError {
  if (request.type === 'path') {
    const message = `forbidden: User "${user.name}" cannot ${request.verb} path "${request.path}"${reason ? `: ${reason}` : ''}`;
    return new StatusError({ code: 403, reason: 'Forbidden', message });
  }
  const resource = request.subresource ? `${request.resource}/${request.subresource}` : request.resource;
  const where = request.namespace ? `in the namespace "${request.namespace}"` : 'at the cluster scope';
  const subject: Subject = { group: request.group, resource: request.resource };
  const why = `User "${user.name}" cannot ${request.verb} resource "${resource}" in API group "${request.group}" ${where}${reason ? `: ${reason}` : ''}`;
  return forbidden(subject, request.name, why);
}

/** Lets through what the authorizer allows. Nobody in particular is asked to log in instead of being told what is forbidden. */
export const withAuthorization =
  (authorizer: Authorizer): Filter =>
  (next) =>
  async (call) => {
    const attributes = { user: call.user, request: call.info };
    const decision = await authorizer.authorize(attributes);
    if (decision.allowed) return next(call);
    throw call.user === ANONYMOUS ? unauthorized() : forbiddenFor(attributes, decision.reason);
  };
