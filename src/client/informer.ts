import { type KubeObject, keyOf, objectKey } from '../apimachinery/index.ts';
import type { Closable } from '../std/index.ts';
import type { Indexes, Informer, InformerHandler } from './contract.ts';
import { ObjectCache } from './object-cache.ts';
import type { ReflectorSink } from './reflector.ts';

/**
 * The local copy behind one kind's informer. Turns what the reflector tells into a history that makes sense to handlers: an object is added once, updated only
 * while it is there, deleted once; another uid under the same name is a deletion and an addition.
 */
export class CachedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly #cache = new ObjectCache<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #onError: (error: unknown) => void;
  readonly #waiters = new Set<() => void>();
  #hasSynced = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  addIndexes(indexes: Indexes<T>): void {
    this.#cache.addIndexes(indexes);
  }

  synced(signal?: AbortSignal): Promise<void> {
    if (this.#hasSynced) return Promise.resolve();
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const done = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiters.delete(done);
        reject(signal?.reason);
      };
      this.#waiters.add(done);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#cache.get(objectKey(namespace, name));
  }

  list(namespace?: string): readonly T[] {
    return this.#cache.list(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#cache.byIndex(index, value);
  }

  subscribe(handler: InformerHandler<T>): Closable {
    for (const object of this.#cache.list()) this.#tell(() => handler.added?.(object));
    this.#handlers.add(handler);
    return {
      close: () => {
        this.#handlers.delete(handler);
      },
    };
  }

  replace(items: readonly T[]): void {
    const listed = new Set(items.map(keyOf));
    for (const key of this.#cache.keys()) if (!listed.has(key)) this.#remove(key);
    for (const item of items) this.#put(item);
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    for (const done of this.#waiters) done();
    this.#waiters.clear();
  }

  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    if (type === 'DELETED') this.#remove(keyOf(object), object);
    else this.#put(object);
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#cache.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key);
    else if (old) {
      if (old.metadata.resourceVersion === object.metadata.resourceVersion) return;
      this.#cache.set(key, object);
      for (const handler of this.#handlers) this.#tell(() => handler.updated?.(object, old));
      return;
    }
    this.#cache.set(key, object);
    for (const handler of this.#handlers) this.#tell(() => handler.added?.(object));
  }

  /** `last` is the object's final state when the server told it; after a relist the last one seen stands for it. */
  #remove(key: string, last?: T): void {
    const old = this.#cache.get(key);
    if (!old) return;
    this.#cache.delete(key);
    const final = last && last.metadata.uid === old.metadata.uid ? last : old;
    for (const handler of this.#handlers) this.#tell(() => handler.deleted?.(final));
  }

  /** One handler's failure must not cost the others their events. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onError(error);
    }
  }
}
