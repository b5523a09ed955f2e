import type { Clock, Timer } from '../std/index.ts';

interface Pending {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock for this room's tests: time moves only when told. */
export class ManualClock implements Clock {
  #nowMs = Date.parse('2030-01-01T00:00:00Z');
  #pending: Pending[] = [];

  get pendingTimers(): number {
    return this.#pending.length;
  }
  now(): number {
    return this.#nowMs;
  }
  monotonic(): number {
    return this.#nowMs;
  }
  after(delayMs: number, run: () => void): Timer {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#pending.push(entry);
    return {
      close: () => {
        this.#pending = this.#pending.filter((one) => one !== entry);
      },
    };
  }
  every(): Timer {
    throw new Error('not needed by this room');
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

  /** Moves time on, running what falls due in order, with the event loop's turn after each. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    for (;;) {
      const next = this.#pending.filter((one) => one.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settled();
    }
    this.#nowMs = untilMs;
  }
}

/** Lets everything that is ready run: promises and immediates. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
