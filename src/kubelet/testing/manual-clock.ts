import type { Clock, Timer } from '../../std/index.ts';

interface Pending {
  atMs: number;
  readonly run: () => void;
  readonly periodMs?: number;
}

/** A clock for this room's tests: time moves only when told. */
export class ManualClock implements Clock {
  #nowMs = Date.parse('2030-01-01T00:00:00Z');
  readonly #pending = new Set<Pending>();

  now(): number {
    return this.#nowMs;
  }
  monotonic(): number {
    return this.#nowMs;
  }
  get pendingTimers(): number {
    return this.#pending.size;
  }
  after(delayMs: number, run: () => void): Timer {
    return this.#add({ atMs: this.#nowMs + delayMs, run });
  }
  every(periodMs: number, run: () => void): Timer {
    return this.#add({ atMs: this.#nowMs + periodMs, run, periodMs });
  }
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.after(delayMs, () => resolve());
      signal?.addEventListener('abort', () => {
        timer.close();
        reject(signal.reason);
      });
    });
  }
  #add(entry: Pending): Timer {
    this.#pending.add(entry);
    return { close: () => void this.#pending.delete(entry) };
  }

  /** Moves time on, running what falls due in order, letting everything settle after each. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    for (;;) {
      const next = [...this.#pending].filter((one) => one.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      if (next.periodMs === undefined) this.#pending.delete(next);
      else next.atMs += next.periodMs;
      next.run();
      await settled();
    }
    this.#nowMs = untilMs;
  }
}

/** Lets promises and file reads that are under way come to their end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
