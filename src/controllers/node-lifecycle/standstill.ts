import type { Clock, Closable, Timer } from '../../std/index.ts';

const PERIOD_MS = 5_000;
/** A busy process may be late by a period; more is a process that was stopped, or a machine that slept. */
const TOLERANCE_MS = 2 * PERIOD_MS;

/**
 * Notices that this process itself stood still: stopped, starved, or asleep with its machine. In such time nobody could give a sign of life,
 * or take one, so none of it may be held against a node. Ticks every 5 s; ask `check` before a judgement, for the tick may come after it.
 */
export class Standstill implements Closable {
  readonly #clock: Clock;
  readonly #onWake: (lostMs: number) => void;
  readonly #timer: Timer;
  #wallMs: number;
  #monotonicMs: number;

  constructor(clock: Clock, onWake: (lostMs: number) => void) {
    this.#clock = clock;
    this.#onWake = onWake;
    this.#wallMs = clock.now();
    this.#monotonicMs = clock.monotonic();
    this.#timer = clock.every(PERIOD_MS, () => this.check());
  }

  /** Calls back at once when time was lost since the last look. A sleeping machine stops the monotonic clock, so the wall clock is asked too. */
  check(): void {
    const lostMs = Math.max(this.#clock.now() - this.#wallMs, this.#clock.monotonic() - this.#monotonicMs) - PERIOD_MS;
    this.#wallMs = this.#clock.now();
    this.#monotonicMs = this.#clock.monotonic();
    if (lostMs > TOLERANCE_MS) this.#onWake(lostMs);
  }

  close(): void {
    this.#timer.close();
  }
}
