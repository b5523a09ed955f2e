/** Says which stored object holds a value now; undefined when none does. */
export type HolderOf<T> = (value: T, key: string) => boolean;

/**
 * Values (addresses, ports) of which each has at most one owner. The store is the truth: a value is taken when the object that was last seen with it still
 * has it, or when a write that is under way has reserved it. So nothing leaks when a write fails or the process dies.
 */
export class Reservations<T> {
  readonly #owners = new Map<T, string>();
  readonly #pending = new Map<T, string>();
  readonly #holds: HolderOf<T>;

  constructor(holds: HolderOf<T>) {
    this.#holds = holds;
  }

  /** Notes a stored owner. */
  record(value: T, owner: string): void {
    this.#owners.set(value, owner);
  }

  /** Who has it: a stored object or a write that is under way. */
  ownerOf(value: T): string | undefined {
    const pending = this.#pending.get(value);
    if (pending !== undefined) return pending;
    const owner = this.#owners.get(value);
    if (owner === undefined) return undefined;
    if (this.#holds(value, owner)) return owner;
    this.#owners.delete(value);
    return undefined;
  }

  /** Takes a free value for a write; call `release` when the write is over, `record` before that when it succeeded. */
  reserve(value: T, owner: string): void {
    this.#pending.set(value, owner);
  }

  release(value: T): void {
    this.#pending.delete(value);
  }
}
