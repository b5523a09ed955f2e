import type { KubeList, KubeObject, WatchEvent } from '../apimachinery/index.ts';
import type { KindDefinition, ResourceRef } from '../kinds/index.ts';
import type { Closable } from '../std/index.ts';

export interface ListQuery {
  /** Left out: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

export interface WriteQuery {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** Called with each Warning header's text. */
  readonly onWarning?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface DeleteQuery {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Typed access to one kind. Every method rejects with StatusError for an answer of 400 and above. Each request has a limit (default 30 s; watches none). */
export interface ResourceClient<T extends KubeObject> {
  get(name: string, namespace?: string, options?: { readonly signal?: AbortSignal }): Promise<T>;
  list(query?: ListQuery): Promise<KubeList<T>>;
  create(object: T, query?: WriteQuery): Promise<T>;
  update(object: T, query?: WriteQuery): Promise<T>;
  updateStatus(object: T, query?: WriteQuery): Promise<T>;
  /** `subresource`: status, scale, … `force` is for apply. */
  patch(
    name: string,
    namespace: string | undefined,
    patch: unknown,
    query: WriteQuery & { readonly type: PatchType; readonly subresource?: string; readonly force?: boolean },
  ): Promise<T>;
  /** Resolves with the object (when it stays for a while) or a Status. NotFound rejects. */
  delete(name: string, namespace?: string, query?: DeleteQuery): Promise<KubeObject>;
  deleteCollection(query: ListQuery & DeleteQuery): Promise<void>;
  /** From `resourceVersion` on (default: now, after synthetic ADDED events). The server ends it after `timeoutSeconds`. */
  watch(query?: ListQuery & { readonly allowBookmarks?: boolean; readonly timeoutSeconds?: number }): AsyncIterable<WatchEvent<T>>;
  /** PUTs to a subresource: finalize. */
  updateSubresource(object: T, subresource: string, query?: WriteQuery): Promise<T>;
  /** POSTs to a subresource: binding, eviction, token. */
  createSubresource(name: string, namespace: string | undefined, subresource: string, body: KubeObject, query?: WriteQuery): Promise<KubeObject>;
}

/** The only way to the API for every room. */
export interface ApiClient extends Closable {
  resource<T extends KubeObject>(kind: KindDefinition<T>): ResourceClient<T>;
  /** For kinds known only by name (apply, get, describe against any cluster). */
  dynamic(ref: ResourceRef): ResourceClient<KubeObject>;
}

export interface InformerHandler<T> {
  readonly added?: (object: T) => void;
  readonly updated?: (object: T, old: T) => void;
  readonly deleted?: (object: T) => void;
}

/** A local, read-only copy of one kind, kept by list and watch. Handlers are called synchronously, in order, and must only note keys. */
export interface Informer<T extends KubeObject> {
  /** Resolves once the first list has been delivered. Rejects when the signal aborts. */
  synced(signal?: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  get(name: string, namespace?: string): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects for which the index function (given at creation) returned `value`. */
  byIndex(index: string, value: string): readonly T[];
  /** Existing objects are delivered as added first. Returns how to stop. */
  subscribe(handler: InformerHandler<T>): Closable;
}

/** Index functions by name; each returns the values under which an object is found. Namespaced lists are indexed already. */
export interface Indexes<T> {
  readonly [name: string]: (object: T) => readonly string[];
}

/** Informers shared by everyone in one process: one list+watch per kind. */
export interface InformerFactory extends Closable {
  /** Indexes of later callers are added to the shared informer. Fails when the same index name comes with another function. */
  informer<T extends KubeObject>(kind: KindDefinition<T>, indexes?: Indexes<T>): Informer<T>;
}

/** Keys waiting for work: a key is worked on by one worker at a time; added again meanwhile, it comes again afterwards; failures back off per key. */
export interface WorkQueue extends Closable {
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  readonly length: number;
}

/** Writes Events, aggregated as Kubernetes does: the same event again raises its count. Never throws and never blocks its caller. */
export interface EventRecorder {
  event(
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { readonly fieldPath?: string; readonly action?: string; readonly related?: KubeObject },
  ): void;
}
