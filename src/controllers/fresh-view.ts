import { isNotFound, type KubeObject, keyOf } from '../apimachinery/index.ts';
import type { Indexes, Informer, ResourceClient } from '../client/index.ts';
import type { Clock, Closable } from '../std/index.ts';

/** What this process wrote and its informer has not shown yet; without an object: it was removed. */
interface Written<T> {
  readonly uid: string | undefined;
  readonly version: number;
  readonly object?: T;
  readonly atMs: number;
}

interface FreshViewOptions<T extends KubeObject> {
  readonly informer: Informer<T>;
  readonly indexes: Indexes<T>;
  readonly resource: ResourceClient<T>;
  readonly clock: Clock;
  /** Told when a doubted object turned out to be different, so that its owner is looked at again. */
  readonly corrected: (object: T) => void;
}

/** So long may an informer lag behind a write before the server is asked. */
const DOUBT_MS = 5_000;

const versionOf = (object: KubeObject): number => Number(object.metadata.resourceVersion ?? 0);

/**
 * An informer that never shows less than this process has itself written: a controller that decides on it cannot create or delete twice because
 * its cache is late. Nothing of it needs to survive: after a restart the informer's first list has every write.
 */
export class FreshView<T extends KubeObject> implements Closable {
  readonly #options: FreshViewOptions<T>;
  readonly #written = new Map<string, Written<T>>();
  readonly #parts: readonly Closable[];

  constructor(options: FreshViewOptions<T>) {
    this.#options = options;
    const seen = (object: T): void => {
      const written = this.#written.get(keyOf(object));
      if (written && !this.#isAhead(written, object)) this.#written.delete(keyOf(object));
    };
    this.#parts = [
      options.informer.subscribe({
        added: seen,
        updated: seen,
        deleted: (object) => {
          if (this.#written.get(keyOf(object))?.uid === object.metadata.uid) this.#written.delete(keyOf(object));
        },
      }),
      options.clock.every(DOUBT_MS, () => void this.#verify()),
    ];
  }

  /** Notes the server's answer to a create, update or graceful delete. */
  wrote(object: T): void {
    const written = { uid: object.metadata.uid, version: versionOf(object), object, atMs: this.#options.clock.monotonic() };
    const cached = this.#options.informer.get(object.metadata.name ?? '', object.metadata.namespace);
    if (cached === undefined || this.#isAhead(written, cached)) this.#written.set(keyOf(object), written);
  }

  /** Notes that the server has removed the object. */
  removed(object: T): void {
    const key = keyOf(object);
    const cached = this.#options.informer.get(object.metadata.name ?? '', object.metadata.namespace);
    const { uid } = object.metadata;
    // The informer may still have it, or may only be about to show that it was ever there.
    const isPending = cached?.metadata.uid === uid || this.#written.get(key)?.uid === uid;
    if (isPending) this.#written.set(key, { uid, version: versionOf(object), atMs: this.#options.clock.monotonic() });
  }

  get(name: string, namespace?: string): T | undefined {
    const cached = this.#options.informer.get(name, namespace);
    const written = this.#written.get(namespace ? `${namespace}/${name}` : name);
    return written && this.#isAhead(written, cached) ? written.object : cached;
  }

  byIndex(index: string, value: string): readonly T[] {
    const cached = this.#options.informer.byIndex(index, value);
    if (this.#written.size === 0) return cached;
    const found = cached.filter((object) => {
      const written = this.#written.get(keyOf(object));
      return !written || !this.#isAhead(written, object);
    });
    for (const written of this.#written.values()) {
      if (!written.object || !this.#options.indexes[index]!(written.object).includes(value)) continue;
      const { name = '', namespace } = written.object.metadata;
      if (this.#isAhead(written, this.#options.informer.get(name, namespace))) found.push(written.object);
    }
    return found;
  }

  #isAhead(written: Written<T>, cached: T | undefined): boolean {
    if (cached === undefined) return written.object !== undefined;
    // A removal is final for its uid, whatever version of it the informer still shows; under another uid only what is newer lives.
    if (written.object === undefined && written.uid === cached.metadata.uid) return true;
    return written.version > versionOf(cached);
  }

  /** Something written and gone again before the informer saw it would otherwise be believed forever. */
  async #verify(): Promise<void> {
    const before = this.#options.clock.monotonic() - DOUBT_MS;
    for (const [key, written] of this.#written) {
      if (written.atMs > before) continue;
      if (!written.object) {
        this.#written.delete(key);
        continue;
      }
      const { name = '', namespace } = written.object.metadata;
      try {
        const live = await this.#options.resource.get(name, namespace);
        if (this.#written.get(key) !== written) continue;
        this.#written.delete(key);
        this.wrote(live);
        if (versionOf(live) !== written.version) this.#options.corrected(live);
      } catch (error) {
        // When the server cannot be asked the doubt stays, and so does what is known.
        if (!isNotFound(error) || this.#written.get(key) !== written) continue;
        this.#written.delete(key);
        this.#options.corrected(written.object);
      }
    }
  }

  close(): void {
    for (const part of this.#parts) void part.close();
  }
}
