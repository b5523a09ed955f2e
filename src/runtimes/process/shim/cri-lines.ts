import type { LogFile } from './log-file.ts';

/** A longer line is written in parts marked P; Kubernetes' log readers join them. */
const PART_BYTES = 16 * 1024;
const LINE_FEED = 10;
const TAG_FULL = 70;
const TAG_PARTIAL = 80;

/**
 * Turns one stream of a container into records of the CRI log format, `<time> stdout F <line>`. Works on bytes alone: one timestamp per chunk and
 * no string per line, since this runs for every line that any app writes.
 */
export class CriLines {
  readonly #log: LogFile;
  readonly #stream: 'stdout' | 'stderr';
  readonly #timestamp: () => string;
  #carry: Buffer | undefined;
  #carried = 0;

  constructor(log: LogFile, stream: 'stdout' | 'stderr', timestamp: () => string) {
    this.#log = log;
    this.#stream = stream;
    this.#timestamp = timestamp;
  }

  /** `chunk` may be reused by the caller afterwards. */
  push(chunk: Uint8Array): void {
    const prefix = this.#prefix();
    let from = 0;
    while (from < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end < 0) break;
      from = this.#emitLong(prefix, chunk, from, end);
      this.#emit(prefix, TAG_FULL, chunk, from, end);
      from = end + 1;
    }
    from = this.#emitLong(prefix, chunk, from, chunk.length);
    this.#keep(chunk, from);
    this.#log.settle();
  }

  /** The stream ended: what is left is written as a part, since it had no line feed. */
  end(): void {
    if (this.#carried > 0) this.#emit(this.#prefix(), TAG_PARTIAL, new Uint8Array(0), 0, 0);
  }

  #prefix(): Buffer {
    return Buffer.from(`${this.#timestamp()} ${this.#stream} F `, 'latin1');
  }

  /** Writes parts while carry and line together exceed one; returns where the rest begins. */
  #emitLong(prefix: Buffer, chunk: Uint8Array, from: number, end: number): number {
    let start = from;
    while (this.#carried + end - start > PART_BYTES) {
      const stop = start + PART_BYTES - this.#carried;
      this.#emit(prefix, TAG_PARTIAL, chunk, start, stop);
      start = stop;
    }
    return start;
  }

  #emit(prefix: Buffer, tag: number, chunk: Uint8Array, from: number, end: number): void {
    const total = prefix.length + this.#carried + (end - from) + 1;
    const { buffer, offset } = this.#log.reserve(total);
    let at = offset;
    buffer.set(prefix, at);
    at += prefix.length;
    buffer[at - 2] = tag;
    if (this.#carried > 0) {
      buffer.set(this.#carry!.subarray(0, this.#carried), at);
      at += this.#carried;
      this.#carried = 0;
    }
    buffer.set(chunk.subarray(from, end), at);
    buffer[at + end - from] = LINE_FEED;
    this.#log.commit(total);
  }

  #keep(chunk: Uint8Array, from: number): void {
    if (from >= chunk.length) {
      if (this.#carried === 0) this.#carry = undefined;
      return;
    }
    this.#carry ??= Buffer.allocUnsafeSlow(PART_BYTES);
    this.#carry.set(chunk.subarray(from), this.#carried);
    this.#carried += chunk.length - from;
  }
}
