import type { Clock } from '../../std/index.ts';
import { ttlOffsets } from './wire.ts';

const ENTRIES = 2_000;
const LONGEST_SECONDS = 30;
const NOERROR = 0;
const NXDOMAIN = 3;

interface Entry {
  readonly answer: Buffer;
  readonly offsets: readonly number[];
  readonly storedMs: number;
  readonly seconds: number;
}

/** Answers of other name servers, kept no longer than their records allow and never longer than 30 s; the oldest go first. */
export class AnswerCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer with its times-to-live lowered by its age. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const age = Math.floor((this.#clock.monotonic() - entry.storedMs) / 1000);
    if (age >= entry.seconds) {
      this.#entries.delete(key);
      return undefined;
    }
    const answer = Buffer.from(entry.answer);
    for (const offset of entry.offsets) answer.writeUInt32BE(Math.max(0, answer.readUInt32BE(offset) - age), offset);
    return answer;
  }

  put(key: string, answer: Buffer): void {
    const rcode = (answer[3] ?? 0) & 15;
    const isTruncated = ((answer[2] ?? 0) & 2) !== 0;
    const offsets = ttlOffsets(answer);
    // Without any record there is no word on how long the answer holds.
    if ((rcode !== NOERROR && rcode !== NXDOMAIN) || isTruncated || offsets === undefined || offsets.length === 0) return;
    const seconds = Math.min(LONGEST_SECONDS, ...offsets.map((offset) => answer.readUInt32BE(offset)));
    if (seconds <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { answer: Buffer.from(answer), offsets, storedMs: this.#clock.monotonic(), seconds });
    const oldest = this.#entries.size > ENTRIES ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
