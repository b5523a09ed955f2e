import type { WorkQueue } from '../client/index.ts';
import type { Clock } from '../std/index.ts';

/** Decisions shorter than this come as often as they are asked for. */
const CHEAP_MS = 5;
const LONGEST_REST_MS = 500;
/** A key may take one part in five of the processor. */
const REST_FACTOR = 4;

/** Keeps keys whose decisions are expensive (thousands of pods) from taking all the time while their pods change one by one. */
export class Pace {
  readonly #clock: Clock;
  readonly #costs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a decision and notes what it cost. */
  measure<T>(key: string, decide: () => T): T {
    const start = this.#clock.monotonic();
    const result = decide();
    const cost = this.#clock.monotonic() - start;
    if (cost > CHEAP_MS) this.#costs.set(key, cost);
    else this.#costs.delete(key);
    return result;
  }

  /** Adds the key: at once when its last decision was cheap, else after a rest of at most 0.5 s. */
  add(queue: WorkQueue, key: string): void {
    queue.addAfter(key, Math.min(LONGEST_REST_MS, (this.#costs.get(key) ?? 0) * REST_FACTOR));
  }

  forget(key: string): void {
    this.#costs.delete(key);
  }
}
