/** Delays that double from `baseMs` to `maxMs`, each with up to as much again on top by chance, so that many clients do not come back in step. */
export class Backoff {
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: { readonly baseMs: number; readonly maxMs: number; readonly random: () => number }) {
    this.#baseMs = options.baseMs;
    this.#maxMs = options.maxMs;
    this.#random = options.random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The delay before the next try. */
  next(): number {
    const plainMs = Math.min(this.#baseMs * 2 ** this.#failures, this.#maxMs);
    this.#failures++;
    return Math.min(plainMs * (1 + this.#random()), this.#maxMs);
  }

  reset(): void {
    this.#failures = 0;
  }
}
