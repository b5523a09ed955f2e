import type { Clock } from '../../std/index.ts';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #nowMs = Date.parse('2026-01-02T03:04:05Z');
  #waiting: Waiting[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void) {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.push(entry);
    return {
      close: () => {
        this.#waiting = this.#waiting.filter((one) => one !== entry);
      },
    };
  }

  every(periodMs: number, run: () => void) {
    let closed = false;
    let timer = this.after(periodMs, tick.bind(this));
    function tick(this: ManualClock): void {
      if (closed) return;
      timer = this.after(periodMs, tick.bind(this));
      run();
    }
    return {
      close: () => {
        closed = true;
        timer.close();
      },
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Runs everything that is due within the next `ms`, in order. */
  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const next = this.#waiting.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = until;
  }
}
