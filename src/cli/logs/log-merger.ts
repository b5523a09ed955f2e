import type { Clock, Timer } from '../../std/index.ts';
import type { LogLine } from './log-line.ts';

/** A line with where it comes from. */
export interface SourcedLine extends LogLine {
  readonly source: string;
}

const QUIET_MS = 40;
const LIMIT_MS = 400;

/**
 * Puts the first lines of several logs into the order of their times: they are held until all sources fell silent for a moment, or for 0.4 s. From then on
 * lines are passed on as they come.
 */
export class LogMerger {
  readonly #clock: Clock;
  readonly #write: (lines: readonly SourcedLine[]) => void;
  #held: SourcedLine[] | undefined = [];
  #quiet: Timer | undefined;
  #limit: Timer | undefined;

  constructor(clock: Clock, write: (lines: readonly SourcedLine[]) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  push(lines: readonly SourcedLine[]): void {
    if (!this.#held) {
      this.#write(lines);
      return;
    }
    this.#held.push(...lines);
    this.#quiet?.close();
    this.#quiet = this.#clock.after(QUIET_MS, () => this.flush());
    this.#limit ??= this.#clock.after(LIMIT_MS, () => this.flush());
  }

  /** Writes what is held, in order; lines of the same time and source keep theirs. */
  flush(): void {
    this.#quiet?.close();
    this.#limit?.close();
    const held = this.#held;
    this.#held = undefined;
    if (held && held.length > 0) this.#write(held.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)));
  }
}
