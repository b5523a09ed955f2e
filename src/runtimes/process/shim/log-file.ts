import { closeSync, existsSync, fstatSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock, Timer } from '../../../std/index.ts';
import { rotationStamp } from './timestamps.ts';

export interface LogLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** The record that stands for this many dropped bytes. */
export type GapNote = (bytes: number) => string;

const BATCH_BYTES = 64 * 1024;
const BATCH_MS = 4;
const NEWLINE = Buffer.from('\n');

/**
 * A file that is appended to and rotated by its only writer, so rotation loses nothing. Writes that come thick and fast are gathered for a few
 * milliseconds; a first one goes out at once. A full disk never throws: what cannot be written is dropped and counted.
 */
export class LogFile {
  readonly #path: string;
  readonly #limits: LogLimits;
  readonly #clock: Clock;
  #fd: number | undefined;
  #size = 0;
  #batch: Buffer | undefined;
  #used = 0;
  #timer: Timer | undefined;
  #lastWriteMs = Number.NEGATIVE_INFINITY;
  #torn = false;
  #lastStampMs = 0;
  readonly #beginGap: (() => GapNote) | undefined;
  #gap: GapNote | undefined;
  /** Of the dropped bytes, those that a note in the file speaks of. */
  #notedBytes = 0;
  /** Bytes that could not be written. */
  droppedBytes = 0;

  /** `beginGap` is called when records are dropped; the note it gives is written in their place as soon as records can be written again. */
  constructor(path: string, limits: LogLimits, clock: Clock, beginGap?: () => GapNote) {
    this.#beginGap = beginGap;
    this.#path = path;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Room for one record of at most 64 KiB: the buffer and where to start in it. The caller fills it and says how much with `commit`. */
  reserve(bytes: number): { readonly buffer: Buffer; readonly offset: number } {
    if (this.#used + bytes > BATCH_BYTES) this.flush();
    this.#batch ??= Buffer.allocUnsafeSlow(BATCH_BYTES);
    return { buffer: this.#batch, offset: this.#used };
  }

  commit(bytes: number): void {
    this.#used += bytes;
  }

  /** Appends whole records. */
  append(data: Uint8Array): void {
    for (let from = 0; from < data.length; from += BATCH_BYTES) {
      const part = data.subarray(from, from + BATCH_BYTES);
      const { buffer, offset } = this.reserve(part.length);
      buffer.set(part, offset);
      this.commit(part.length);
    }
  }

  /** To be called after each chunk of input: writes now when the last write is a while ago, soon otherwise. */
  settle(): void {
    if (this.#used === 0 || this.#timer) return;
    if (this.#clock.monotonic() - this.#lastWriteMs >= BATCH_MS) {
      this.flush();
      return;
    }
    this.#timer = this.#clock.after(BATCH_MS, () => {
      this.#timer = undefined;
      this.flush();
      this.#batch = undefined;
    });
  }

  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#batch!.subarray(0, this.#used);
    this.#used = 0;
    this.#lastWriteMs = this.#clock.monotonic();
    if (this.#size > 0 && this.#size + bytes.length > this.#limits.maxBytes) this.#rotate();
    this.#write(bytes);
  }

  close(): void {
    this.#timer?.close();
    this.#timer = undefined;
    this.flush();
    this.#batch = undefined;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
    return this.#fd;
  }

  #write(bytes: Buffer): void {
    let done = 0;
    try {
      const fd = this.#open();
      if (this.#torn) writeSync(fd, NEWLINE);
      this.#torn = false;
      this.#noteGap(fd);
      while (done < bytes.length) {
        const written = writeSync(fd, bytes, done);
        done += written;
        this.#size += written;
      }
    } catch {
      this.#torn ||= done > 0;
      this.droppedBytes += bytes.length - done;
      this.#gap ??= this.#beginGap?.();
    }
  }

  /** Throws when the disk is still full; a note that was half written is a torn record like any other. */
  #noteGap(fd: number): void {
    if (this.#gap === undefined) return;
    const note = Buffer.from(this.#gap(this.droppedBytes - this.#notedBytes));
    const written = writeSync(fd, note);
    this.#size += written;
    this.#torn = written > 0 && written < note.length;
    if (this.#torn) throw new Error('the disk took only part of the note');
    this.#notedBytes = this.droppedBytes;
    this.#gap = undefined;
  }

  #rotate(): void {
    try {
      if (this.#fd !== undefined) closeSync(this.#fd);
      this.#fd = undefined;
      // Two rotations within a second would get the same name; the later one borrows the next second, so names sort by age.
      this.#lastStampMs = Math.max(this.#clock.now(), this.#lastStampMs + 1000);
      while (existsSync(`${this.#path}.${rotationStamp(this.#lastStampMs)}`)) this.#lastStampMs += 1000;
      renameSync(this.#path, `${this.#path}.${rotationStamp(this.#lastStampMs)}`);
      this.#size = 0;
      this.#prune();
    } catch {
      // The log goes on in the old file; the next write tries again.
    }
  }

  #prune(): void {
    const directory = dirname(this.#path);
    const prefix = `${basename(this.#path)}.`;
    const rotated = readdirSync(directory)
      .filter((name) => name.startsWith(prefix))
      .sort();
    const keep = Math.max(0, this.#limits.maxFiles - 1);
    for (const name of rotated.slice(0, Math.max(0, rotated.length - keep))) unlinkSync(join(directory, name));
  }
}
