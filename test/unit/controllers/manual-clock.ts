import type { Clock, Timer } from '../../../src/std/index.ts';

interface Pending {
  dueMs: number;
  readonly run: () => void;
  readonly periodMs?: number;
}

/** A clock that moves only when it is told to, and then lets everything that became due happen in order. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.parse('2026-01-01T00:00:00Z')) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add({ dueMs: this.#nowMs + delayMs, run });
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#add({ dueMs: this.#nowMs + periodMs, run, periodMs });
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const timer = this.after(delayMs, resolve);
      signal?.addEventListener('abort', () => {
        timer.close();
        reject(signal.reason);
      });
    });
  }

  #add(pending: Pending): Timer {
    this.#pending.add(pending);
    return { close: () => void this.#pending.delete(pending) };
  }

  /** Moves on by `ms` in steps, with a turn of the event loop after each timer so that what it started can go on. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#pending].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || next.dueMs > end) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.periodMs === undefined) this.#pending.delete(next);
      else next.dueMs += next.periodMs;
      next.run();
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowMs = end;
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Jumps without letting anything happen in between, as a stopped process or a sleeping machine does. */
  async standStill(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.advance(0);
  }
}
