/** A bounded number of connections; who comes when all are taken waits in line. */
export class Slots {
  readonly #limit: number;
  #taken = 0;
  #line = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Calls `run` when a slot is taken for it: at once when one is free. Returns how to leave the line; that does nothing once `run` was called. */
  take(run: () => void): () => void {
    if (this.#taken < this.#limit) {
      this.#taken += 1;
      run();
      return () => undefined;
    }
    this.#line.add(run);
    return () => this.#line.delete(run);
  }

  /** Gives a slot back; the first in line gets it. */
  release(): void {
    const next = this.#line.values().next().value;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
