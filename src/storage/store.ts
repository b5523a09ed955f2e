import type { KubeObject } from '../apimachinery/index.ts';
import type { Closable } from '../std/index.ts';

/** An object as stored. `object` is frozen and carries metadata.resourceVersion; `json()` is serialised once and shared by all readers. */
export interface StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly object: KubeObject;
  json(): Buffer;
}

/** One change. `previous` is what the key held before; for a deletion `current.object` is the last state with the revision of the deletion. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly current: StoredObject;
  readonly previous: StoredObject | undefined;
}

/** A list at one revision. `last` is the key to continue after when `more` is true; `remaining` counts what follows. */
export interface ListPage {
  readonly revision: number;
  readonly items: readonly StoredObject[];
  readonly more: boolean;
  readonly remaining: number;
}

export interface ListOptions {
  readonly limit?: number;
  /** Keys up to and including this one are left out. */
  readonly after?: string;
  /** State as of this revision; CompactedError when history no longer reaches back to it. Default: now. */
  readonly revision?: number;
}

export interface StoreWatch extends Closable {
  /** Events in revision order, all of one revision before the next. Throws SlowWatcherError when more than the bound wait unread. */
  readonly events: AsyncIterable<StoreEvent>;
}

/** The key changed since the expected revision (or exists, for create; or is gone). `current` is what is there now. */
export class CasError extends Error {
  readonly code = 'ERR_STORE_CAS';
  readonly current: StoredObject | undefined;
  constructor(key: string, current: StoredObject | undefined) {
    super(current ? `${key}: changed since it was read (now at revision ${current.revision})` : `${key}: does not exist`);
    this.current = current;
  }
}

/** History was compacted past the asked revision: the reader must list again. */
export class CompactedError extends Error {
  readonly code = 'ERR_STORE_COMPACTED';
  readonly compactedRevision: number;
  constructor(asked: number, compactedRevision: number) {
    super(`too old resource version: ${asked} (${compactedRevision})`);
    this.compactedRevision = compactedRevision;
  }
}

/** A watcher that does not keep up is dropped; it must list again. */
export class SlowWatcherError extends Error {
  readonly code = 'ERR_STORE_SLOW_WATCHER';
}

/** The disk did not take a write (full, read-only, failing): nothing was changed, and reads go on. */
export class StoreUnavailableError extends Error {
  readonly code = 'ERR_STORE_UNAVAILABLE';
}

/**
 * A revisioned object store. Keys are /<group or 'core'>/<plural>/<namespace>/<name> (no namespace segment for cluster kinds); lists are in key order
 * (plain code-unit order). Each successful write takes the next revision and is durable before its promise resolves; readers see it at the same moment.
 * Reads are synchronous and see every acknowledged write. Concurrent writes are grouped.
 */
export interface ObjectStore extends Closable {
  /** Revision of the newest write; at least 1. */
  readonly revision: number;
  get(key: string): StoredObject | undefined;
  /** Everything whose key starts with `prefix` (end prefixes with '/'). */
  list(prefix: string, options?: ListOptions): ListPage;
  count(prefix: string): number;
  /** Stores a new object; rejects with CasError when the key exists. */
  create(key: string, object: KubeObject): Promise<StoredObject>;
  /** Replaces the object when its revision is still `expectedRevision`; rejects with CasError otherwise. */
  update(key: string, object: KubeObject, expectedRevision: number): Promise<StoredObject>;
  /** Removes the object when its revision is still `expectedRevision`; rejects with CasError otherwise. Resolves with the last state, at the deletion's revision. */
  delete(key: string, expectedRevision: number): Promise<StoredObject>;
  /** Events after `sinceRevision` (default: from now), history first. Throws CompactedError. `bound` (default 10,000) is how many may wait unread. */
  watch(prefix: string, options?: { readonly sinceRevision?: number; readonly bound?: number }): StoreWatch;
  /** Forgets history up to `revision`: older watches and lists get CompactedError. */
  compact(revision: number): void;
}
