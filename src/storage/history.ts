import { CompactedError, type StoredObject, type StoreEvent } from './store.ts';

/** How much of the past is kept when nobody compacts: whichever bound is reached first. */
const MAX_EVENTS = 20_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** The most recent changes, oldest first. Watches start from it, and lists of an older revision are computed from it. */
export class History {
  #events: StoreEvent[] = [];
  #bytes = 0;
  #compacted: number;

  /** Nothing before and including `compacted` can be asked for. */
  constructor(compacted: number) {
    this.#compacted = compacted;
  }

  get compacted(): number {
    return this.#compacted;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += event.current.json().length;
    if (this.#events.length <= MAX_EVENTS * 1.25 && this.#bytes <= MAX_BYTES * 1.25) return;
    let drop = Math.max(0, this.#events.length - MAX_EVENTS);
    let bytes = this.#bytes;
    for (let index = 0; index < this.#events.length - 1 && (index < drop || bytes > MAX_BYTES); index += 1) {
      bytes -= (this.#events[index] as StoreEvent).current.json().length;
      drop = Math.max(drop, index + 1);
    }
    this.compact((this.#events[drop - 1] as StoreEvent).revision);
  }

  compact(revision: number): void {
    if (revision <= this.#compacted) return;
    const keep = this.#firstAfter(revision);
    for (const event of this.#events.slice(0, keep)) this.#bytes -= event.current.json().length;
    this.#events = this.#events.slice(keep);
    this.#compacted = revision;
  }

  /** Changes after `revision`, oldest first. Throws CompactedError when they are not all known. */
  since(revision: number): readonly StoreEvent[] {
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted);
    return this.#events.slice(this.#firstAfter(revision));
  }

  /** For every key under `prefix` that changed after `revision`: what it held then. Throws CompactedError. */
  before(revision: number, prefix: string): ReadonlyMap<string, StoredObject | undefined> {
    const then = new Map<string, StoredObject | undefined>();
    for (const event of this.since(revision)) {
      if (event.current.key.startsWith(prefix) && !then.has(event.current.key)) then.set(event.current.key, event.previous);
    }
    return then;
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as StoreEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
