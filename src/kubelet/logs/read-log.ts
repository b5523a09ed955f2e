import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../std/index.ts';
import { type LineFormat, LineWriter } from './cri-line.ts';
import { type LogFile, logFiles, tailStart } from './log-files.ts';

export interface ReadLogOptions extends LineFormat {
  readonly path: string;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Goes on as the log grows, until `running` says that the run has ended and all of it was read. */
  readonly follow: boolean;
  readonly running: () => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const CHUNK_BYTES = 64 * 1024;
const LOOK_AGAIN_MS = 250;
const NEWLINE = 0x0a;

/**
 * What a run has written, across rotated files, in chunks as they are asked for: never more than one chunk is in memory, and a slow
 * reader slows nobody else.
 */
export async function* readLog(options: ReadLogOptions): AsyncGenerator<Uint8Array> {
  let budget = options.limitBytes ?? Number.POSITIVE_INFINITY;
  // What is written while the end is being read is none of the last lines that were asked for.
  let wanted = options.follow ? Number.POSITIVE_INFINITY : (options.tailLines ?? Number.POSITIVE_INFINITY);
  const writer = new LineWriter(options);
  for await (const lines of lineChunks(options)) {
    const out: Buffer[] = [];
    for (const line of lines) {
      if (wanted <= 0) break;
      const before = out.length;
      writer.write(line, out);
      if (out.length > before && out.at(-1)?.at(-1) === NEWLINE) wanted -= 1;
    }
    const bytes = Buffer.concat(out);
    if (bytes.length === 0) continue;
    yield bytes.length > budget ? bytes.subarray(0, budget) : bytes;
    budget -= bytes.length;
    if (budget <= 0 || wanted <= 0) return;
  }
}

/** Whole lines, chunk by chunk, file by file. A file is known by its inode, so being renamed under the reader changes nothing. */
async function* lineChunks(options: ReadLogOptions): AsyncGenerator<readonly Buffer[]> {
  let files = await logFiles(options.path);
  let { index, offset } = options.tailLines === undefined ? { index: 0, offset: 0 } : await tailStart(files, options.tailLines);
  const news = options.follow ? watchDirectory(dirname(options.path), options) : undefined;
  try {
    for (;;) {
      const file = files[index];
      if (!file) {
        if (!options.follow || options.signal.aborted) return;
        const wasRunning = options.running();
        files = await logFiles(options.path);
        index = 0;
        if (files.length > 0) continue;
        if (!wasRunning) return;
        await news?.next();
        continue;
      }
      yield* readFile(file, offset, options, news);
      if (options.signal.aborted) return;
      offset = 0;
      files = await logFiles(options.path);
      const next = files.findIndex((one) => one.inode === file.inode) + 1;
      // When ours was removed meanwhile, the oldest there is comes next.
      const following = files[next];
      if (!following) return;
      index = next;
    }
  } finally {
    news?.close();
  }
}

/** One file from `offset` to its end: for the newest one and a follower that is when the run has ended or a newer file has taken its place. */
async function* readFile(file: LogFile, offset: number, options: ReadLogOptions, news: News | undefined): AsyncGenerator<readonly Buffer[]> {
  const handle = await open(file.path).catch(() => undefined);
  if (!handle) return;
  try {
    let rest: Buffer = Buffer.alloc(0);
    let position = offset;
    for (let last = false; !options.signal.aborted; ) {
      const chunk = await readChunk(handle, position);
      if (chunk.length > 0) {
        position += chunk.length;
        const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        rest = bytes.subarray(end);
        if (end > 0) yield splitLines(bytes.subarray(0, end));
        continue;
      }
      if (last || !news) break;
      // Asked before the last look at the file, so that nothing written in between is missed.
      last = !options.running() || (await replaced(file, options.path));
      if (!last) await news.next();
    }
    if (rest.length > 0 && !options.signal.aborted) yield [rest];
  } finally {
    await handle.close();
  }
}

async function readChunk(handle: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

async function replaced(file: LogFile, path: string): Promise<boolean> {
  const files = await logFiles(path);
  return files.at(-1)?.inode !== file.inode;
}

function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

interface News {
  /** Resolves at the next change of the directory, after a quarter of a second, or when the reader is stopped. */
  next(): Promise<void>;
  close(): void;
}

function watchDirectory(directory: string, options: Pick<ReadLogOptions, 'clock' | 'signal'>): News {
  let changed = false;
  let wake: (() => void) | undefined;
  const notice = (): void => {
    changed = true;
    wake?.();
  };
  let watcher: { close(): void } | undefined;
  try {
    const one = watch(directory, notice);
    // Without inotify (limit reached, directory gone) the timer alone does.
    one.on('error', () => one.close());
    watcher = one;
  } catch {
    watcher = undefined;
  }
  options.signal.addEventListener('abort', notice);
  return {
    next() {
      if (changed || options.signal.aborted) {
        changed = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const done = (): void => {
          wake = undefined;
          changed = false;
          timer.close();
          resolve();
        };
        const timer = options.clock.after(LOOK_AGAIN_MS, done);
        wake = done;
      });
    },
    close() {
      options.signal.removeEventListener('abort', notice);
      watcher?.close();
      wake?.();
    },
  };
}
