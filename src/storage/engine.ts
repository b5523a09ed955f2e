import type { KubeObject } from '../apimachinery/index.ts';
import { History } from './history.ts';
import type { Journal, JournalContent, JournalRecord } from './journal.ts';
import { SortedKeys } from './sorted-keys.ts';
import {
  CasError,
  type ListOptions,
  type ListPage,
  type ObjectStore,
  type StoredObject,
  type StoreEvent,
  StoreUnavailableError,
  type StoreWatch,
} from './store.ts';
import { stored } from './stored.ts';
import { WatchHub } from './watch-hub.ts';

const DEFAULT_WATCH_BOUND = 10_000;

/** A write that waits for the journal. `next` is undefined for a deletion. */
interface Pending {
  readonly event: StoreEvent;
  readonly next: StoredObject | undefined;
  readonly done: (result: StoredObject) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The store: state in memory, writes through a journal in groups.
 *
 *   write ─ check against what is stored or waiting ─► waiting ─(one append at a time)─► journal ─► memory, watchers, caller
 *
 * A write that loses against a waiting one is told so only after that one is durable, so that reading again shows the winner.
 */
export class StoreEngine implements ObjectStore {
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new SortedKeys();
  readonly #hub = new WatchHub();
  readonly #history: History;
  readonly #journal: Journal;
  /** The newest waiting state of a key; undefined inside stands for a waiting deletion. */
  readonly #waitingStates = new Map<string, StoredObject | undefined>();
  #waiting: Pending[] = [];
  #flushing: Promise<void> | undefined;
  #revision: number;
  #assigned: number;
  #closed = false;

  constructor(journal: Journal, content: JournalContent) {
    this.#journal = journal;
    for (const { key, revision, object, json } of content.base) {
      this.#objects.set(key, stored(key, object, revision, json));
      this.#keys.add(key);
    }
    this.#revision = Math.max(1, content.baseRevision);
    this.#history = new History(this.#revision);
    for (const record of content.tail) {
      const next = stored(record.key, JSON.parse(record.json.toString()), record.revision, record.json);
      const previous = this.#objects.get(record.key);
      this.#apply({ type: record.type === 'delete' ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED', revision: record.revision, current: next, previous });
    }
    this.#assigned = this.#revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  count(prefix: string): number {
    const { from, to } = this.#keys.range(prefix);
    return to - from;
  }

  list(prefix: string, options: ListOptions = {}): ListPage {
    if (options.revision !== undefined && options.revision !== this.#revision) return this.#listAt(prefix, options.revision, options);
    const { from, to } = this.#keys.range(prefix, options.after);
    const end = options.limit ? Math.min(to, from + options.limit) : to;
    const items: StoredObject[] = [];
    for (let index = from; index < end; index += 1) items.push(this.#objects.get(this.#keys.at(index)) as StoredObject);
    return { revision: this.#revision, items, more: end < to, remaining: to - end };
  }

  #listAt(prefix: string, revision: number, options: ListOptions): ListPage {
    const then = this.#history.before(revision, prefix);
    const at = new Map<string, StoredObject>();
    for (const item of this.list(prefix).items) if (!then.has(item.key)) at.set(item.key, item);
    for (const [key, value] of then) if (value) at.set(key, value);
    const keys = [...at.keys()].filter((key) => options.after === undefined || key > options.after).sort((a, b) => (a < b ? -1 : 1));
    const end = options.limit ? Math.min(keys.length, options.limit) : keys.length;
    return { revision, items: keys.slice(0, end).map((key) => at.get(key) as StoredObject), more: end < keys.length, remaining: keys.length - end };
  }

  create(key: string, object: KubeObject): Promise<StoredObject> {
    return this.#write(key, object, undefined);
  }

  update(key: string, object: KubeObject, expectedRevision: number): Promise<StoredObject> {
    return this.#write(key, object, expectedRevision);
  }

  delete(key: string, expectedRevision: number): Promise<StoredObject> {
    return this.#write(key, undefined, expectedRevision);
  }

  watch(prefix: string, options: { readonly sinceRevision?: number; readonly bound?: number } = {}): StoreWatch {
    const history = options.sinceRevision === undefined ? [] : this.#history.since(options.sinceRevision);
    return this.#hub.open(prefix, history, options.bound ?? DEFAULT_WATCH_BOUND);
  }

  compact(revision: number): void {
    this.#history.compact(Math.min(revision, this.#revision));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#flushing) await this.#flushing;
    this.#hub.close();
    await this.#journal.close();
  }

  async #write(key: string, object: KubeObject | undefined, expectedRevision: number | undefined): Promise<StoredObject> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed');
    const previous = this.#waitingStates.has(key) ? this.#waitingStates.get(key) : this.#objects.get(key);
    if (previous?.revision !== expectedRevision) {
      if (this.#waitingStates.has(key)) await this.#flushing;
      throw new CasError(key, this.#objects.get(key));
    }
    this.#assigned += 1;
    const revision = this.#assigned;
    const current = stored(key, object ?? (previous as StoredObject).object, revision);
    const type = object === undefined ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
    return new Promise((done, failed) => {
      const next = object === undefined ? undefined : current;
      this.#waiting.push({ event: { type, revision, current, previous }, next, done, failed });
      this.#waitingStates.set(key, next);
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // Writes made in the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#journal.append(
          group.map(({ event }) => ({
            type: event.type === 'DELETED' ? 'delete' : 'put',
            key: event.current.key,
            revision: event.revision,
            json: event.current.json(),
          })),
        );
      } catch (error) {
        this.#fail(group, error);
        continue;
      }
      for (const pending of group) {
        const { key } = pending.event.current;
        if (this.#waitingStates.get(key) === pending.next) this.#waitingStates.delete(key);
        this.#apply(pending.event);
      }
      for (const pending of group) {
        this.#hub.publish(pending.event);
        pending.done(pending.event.current);
      }
      this.#journal.appended?.(() => this.#everything(), this.#revision);
    }
    this.#flushing = undefined;
  }

  /** Whoever waits behind a failed write was checked against a state that will never be: all of them fail. */
  #fail(group: readonly Pending[], error: unknown): void {
    const all = [...group, ...this.#waiting];
    this.#waiting = [];
    this.#waitingStates.clear();
    for (const pending of all) pending.failed(error);
  }

  #apply(event: StoreEvent): void {
    const { key } = event.current;
    if (event.type === 'DELETED') {
      this.#objects.delete(key);
      this.#keys.delete(key);
    } else {
      this.#objects.set(key, event.current);
      if (event.type === 'ADDED') this.#keys.add(key);
    }
    this.#revision = event.revision;
    this.#history.add(event);
  }

  *#everything(): Iterable<JournalRecord> {
    for (const item of [...this.#objects.values()]) yield { type: 'put', key: item.key, revision: item.revision, json: item.json() };
  }
}
