/** What a request is about, read from its method, path and query alone. */
export type RequestInfo = ResourceRequest | PathRequest;

export interface ResourceRequest {
  readonly type: 'resource';
  /** get, list, watch, create, update, patch, delete or deletecollection. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty at the cluster scope and across all namespaces. */
  readonly namespace: string;
  readonly name: string;
}

interface PathRequest {
  readonly type: 'path';
  readonly verb: string;
  readonly path: string;
}

const VERBS: { readonly [method: string]: string } = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete', GET: 'get', HEAD: 'get' };
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

const pathRequest = (method: string, path: string): PathRequest => ({ type: 'path', verb: method.toLowerCase(), path });

/**
 * /api/v1/namespaces/{ns}/pods/{name}/log and its shorter forms; the legacy /api/v1/watch/… prefix is a watch too.
 * Segments are decoded; a segment that does not decode makes it a plain path.
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const rawParts = path.split('/').filter((part) => part !== '');
  let parts: string[];
  try {
    parts = rawParts.map(decodeURIComponent);
  } catch {
    return pathRequest(method, path);
  }
  const root = parts[0];
  const headLength = root === 'api' ? 2 : root === 'apis' ? 3 : 0;
  if (headLength === 0 || parts.length <= headLength) return pathRequest(method, path);
  const group = root === 'api' ? '' : parts[1]!;
  const version = parts[headLength - 1]!;
  let rest = parts.slice(headLength);
  let verb = VERBS[method] ?? method.toLowerCase();
  if (rest[0] === 'watch' && rest.length > 1) {
    verb = 'watch';
    rest = rest.slice(1);
  }
  let namespace = '';
  if (rest[0] === 'namespaces') {
    const last = rest[2];
    if (rest.length === 1) return asResource(verb, group, version, rest, namespace, query);
    namespace = rest[1]!;
    if (last !== undefined && !(rest.length === 3 && NAMESPACE_SUBRESOURCES.has(last))) rest = rest.slice(2);
    else return { ...asResource(verb, group, version, rest, '', query), namespace };
  }
  return asResource(verb, group, version, rest, namespace, query);
}

function asResource(verb: string, group: string, version: string, rest: readonly string[], namespace: string, query: URLSearchParams): ResourceRequest {
  const [resource = '', name = '', ...sub] = rest;
  let actual = verb;
  if (name === '') {
    if (verb === 'get') {
      const watch = query.get('watch');
      actual = watch !== null && watch !== 'false' && watch !== '0' ? 'watch' : 'list';
    } else if (verb === 'delete') actual = 'deletecollection';
  } else if (verb === 'get' && sub.length === 0 && query.get('watch') === 'true') actual = 'watch';
  return { type: 'resource', verb: actual, group, version, resource, subresource: sub.join('/'), namespace, name };
}

/** Requests that last as long as the client wants: no timeout, no in-flight limit. */
export const isLongRunning = (info: RequestInfo): boolean =>
  info.type === 'resource' && (info.verb === 'watch' || ['log', 'exec', 'attach', 'portforward', 'proxy'].includes(info.subresource.split('/')[0] ?? ''));

/** Whether it may change something. */
export const isMutating = (info: RequestInfo): boolean => !['get', 'list', 'watch', 'head', 'options'].includes(info.verb);
