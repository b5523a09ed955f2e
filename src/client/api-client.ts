import { type ApiRequest, type ApiResponse, freezeDeep, type KubeList, type KubeObject, type Transport, type WatchEvent } from '../apimachinery/index.ts';
import type { KindDefinition, ResourceRef } from '../kinds/index.ts';
import { type Clock, systemClock } from '../std/index.ts';
import type { ApiClient, DeleteQuery, ListQuery, PatchType, ResourceClient, WriteQuery } from './contract.ts';

import { answerError } from './http-answer.ts';
import { withLimit } from './request-limit.ts';
import { groupVersionOf, objectPath, resourcePath } from './resource-path.ts';

export interface ApiClientOptions {
  /** Default the machine's clock. */
  readonly clock?: Clock;
  /** How long one request may take; default 30 s. Watches have no limit. */
  readonly timeoutMs?: number;
  /** Sent as `fieldManager` with every write that does not name one. */
  readonly fieldManager?: string;
}

const PATCH_TYPES: { readonly [type in PatchType]: string } = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const listQuery = (query: ListQuery): NonNullable<ApiRequest['query']> => ({
  labelSelector: query.labelSelector,
  fieldSelector: query.fieldSelector,
  limit: query.limit === undefined ? undefined : String(query.limit),
  continue: query.continue,
  resourceVersion: query.resourceVersion,
});

const deleteOptions = (query: DeleteQuery): { readonly body?: unknown } => {
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = query;
  const given = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
  return Object.keys(given).length > 0 ? { body: { kind: 'DeleteOptions', apiVersion: 'v1', ...given } } : {};
};

/** Typed access to an API server over any transport. Objects handed out are frozen. Closing it closes the transport. */
export function createApiClient(transport: Transport, options: ApiClientOptions = {}): ApiClient {
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? 30_000;
  let closed = false;

  async function call(request: ApiRequest): Promise<ApiResponse> {
    if (closed) throw new Error(`${request.method} ${request.path}: the client is closed`);
    const subject = `${request.method} ${request.path}`;
    const response = await withLimit(clock, timeoutMs, subject, request.signal, (signal) => transport.request({ ...request, signal }));
    if (response.status >= 400) throw answerError(response.status, response.body);
    return response;
  }

  async function write<R>(request: ApiRequest, query: WriteQuery): Promise<R> {
    const fieldManager = query.fieldManager ?? options.fieldManager;
    const response = await call({
      ...request,
      query: {
        ...request.query,
        dryRun: query.dryRun ? 'All' : undefined,
        fieldManager,
        fieldValidation: query.fieldValidation,
      },
      ...(query.signal ? { signal: query.signal } : {}),
    });
    if (query.onWarning) for (const text of response.warnings) query.onWarning(text);
    return freezeDeep(response.body) as R;
  }

  function resourceClient<T extends KubeObject>(ref: ResourceRef): ResourceClient<T> {
    const type = { apiVersion: groupVersionOf(ref), kind: ref.kind };
    /** Items of a list from a real server carry no kind of their own. */
    const typed = (item: T): T => (item.kind && item.apiVersion ? item : freezeDeep({ ...item, ...type }));
    const nameOf = (object: T): string => object.metadata.name ?? '';
    return {
      async get(name, namespace, query = {}) {
        const response = await call({ method: 'GET', path: objectPath(ref, name, namespace), ...(query.signal ? { signal: query.signal } : {}) });
        return freezeDeep(response.body) as T;
      },
      async list(query = {}) {
        const response = await call({
          method: 'GET',
          path: resourcePath(ref, { namespace: query.namespace }),
          query: listQuery(query),
          ...(query.signal ? { signal: query.signal } : {}),
        });
        const list = response.body as KubeList<T>;
        const items = list.items ?? [];
        return freezeDeep({ ...list, items: items.every((item) => item.kind && item.apiVersion) ? items : items.map(typed) });
      },
      create: (object, query = {}) => write({ method: 'POST', path: resourcePath(ref, { namespace: namespaceOf(ref, object) }), body: object }, query),
      update: (object, query = {}) => write({ method: 'PUT', path: objectPath(ref, nameOf(object), namespaceOf(ref, object)), body: object }, query),
      updateStatus: (object, query = {}) =>
        write({ method: 'PUT', path: objectPath(ref, nameOf(object), namespaceOf(ref, object), 'status'), body: object }, query),
      updateSubresource: (object, subresource, query = {}) =>
        write({ method: 'PUT', path: objectPath(ref, nameOf(object), namespaceOf(ref, object), subresource), body: object }, query),
      patch: (name, namespace, patch, query) =>
        write(
          {
            method: 'PATCH',
            path: objectPath(ref, name, namespace, query.subresource),
            headers: { 'content-type': PATCH_TYPES[query.type] },
            query: { force: query.force ? 'true' : undefined },
            body: patch,
          },
          query,
        ),
      async delete(name, namespace, query = {}) {
        const response = await call({
          method: 'DELETE',
          path: objectPath(ref, name, namespace),
          ...deleteOptions(query),
          ...(query.signal ? { signal: query.signal } : {}),
        });
        return freezeDeep(response.body) as KubeObject;
      },
      async deleteCollection(query) {
        await call({
          method: 'DELETE',
          path: resourcePath(ref, { namespace: query.namespace }),
          query: listQuery(query),
          ...deleteOptions(query),
          ...(query.signal ? { signal: query.signal } : {}),
        });
      },
      async *watch(query = {}): AsyncGenerator<WatchEvent<T>> {
        if (closed) throw new Error(`watch ${ref.plural}: the client is closed`);
        const events = transport.watch({
          method: 'GET',
          path: resourcePath(ref, { namespace: query.namespace }),
          query: {
            ...listQuery(query),
            allowWatchBookmarks: query.allowBookmarks ? 'true' : undefined,
            timeoutSeconds: query.timeoutSeconds === undefined ? undefined : String(query.timeoutSeconds),
          },
          ...(query.signal ? { signal: query.signal } : {}),
        });
        for await (const event of events) yield freezeDeep(event) as WatchEvent<T>;
      },
      createSubresource: (name, namespace, subresource, body, query = {}) =>
        write({ method: 'POST', path: objectPath(ref, name, namespace, subresource), body }, query),
    };
  }

  return {
    resource: <T extends KubeObject>(kind: KindDefinition<T>) => resourceClient<T>(kind),
    dynamic: (ref) => resourceClient<KubeObject>(ref),
    async close() {
      if (closed) return;
      closed = true;
      await transport.close();
    },
  };
}

function namespaceOf(ref: ResourceRef, object: KubeObject): string | undefined {
  if (!ref.namespaced) return undefined;
  const namespace = object.metadata.namespace;
  if (!namespace)
    throw new TypeError(`${ref.kind} "${object.metadata.name ?? ''}": metadata.namespace is needed to write it, because ${ref.plural} are namespaced`);
  return namespace;
}
