import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../../std/index.ts';
import type { ContainerConfig } from '../../contract.ts';
import { CriLines } from './cri-lines.ts';
import { type FifoReader, openFifo } from './fifo-reader.ts';
import { LogFile } from './log-file.ts';
import { createTimestamps } from './timestamps.ts';

/** More than a pipe can hold: enough to empty it, and a bound against a writer that never stops. */
const DRAIN_BYTES = 2 * 1024 * 1024;

/** The way of a container's output into its log files. */
export interface Output {
  readonly droppedBytes: number;
  /** Reads what is in the pipes now; whether no process has either of them open any more. */
  isAbandoned(): boolean;
  /** Reads what is still in the pipes, writes all of it and closes. Called once the processes are gone. */
  finish(): void;
  /** Stops reading and writes what was read, leaving the pipes to a successor. */
  close(): void;
}

export interface OutputPaths {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where it cannot be made, lines are dropped and counted like any that cannot be written: a log never keeps an app from starting. */
function makeLogDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    // Counted by the log file.
  }
}

/** Opens both pipes for reading. `onEnd` is called when no process has either of them open any more. */
export function openOutput(paths: OutputPaths, config: ContainerConfig, parts: { readonly clock: Clock; readonly scratch: Buffer }, onEnd: () => void): Output {
  makeLogDirectory(dirname(config.logPath));
  const timestamp = createTimestamps(parts.clock);
  // The time is taken where the gap begins: times never run backwards in a file.
  const beginGap =
    (now = timestamp()) =>
    (bytes: number) =>
      `${now} stderr F drover: ${bytes} bytes of this log are missing here: they could not be written\n`;
  const log = new LogFile(config.logPath, config.logLimits, parts.clock, beginGap);
  const copies: LogFile[] = [];
  const readers: FifoReader[] = [];
  const lines: CriLines[] = [];
  let ended = 0;
  for (const stream of ['stdout', 'stderr'] as const) {
    const formatter = new CriLines(log, stream, timestamp);
    lines.push(formatter);
    const copyPath = config.copies?.[stream];
    const copy = copyPath ? new LogFile(copyPath, config.logLimits, parts.clock) : undefined;
    if (copy && copyPath) {
      makeLogDirectory(dirname(copyPath));
      copies.push(copy);
    }
    const onData = (bytes: Uint8Array) => {
      formatter.push(bytes);
      copy?.append(bytes);
      copy?.settle();
    };
    readers.push(
      openFifo(paths[stream], parts, onData, () => {
        ended += 1;
        if (ended === 2) onEnd();
      }),
    );
  }
  const close = () => {
    for (const reader of readers) reader.close();
    log.close();
    for (const copy of copies) copy.close();
  };
  return {
    get droppedBytes() {
      return log.droppedBytes;
    },
    isAbandoned: () => readers.map((reader) => reader.drain(DRAIN_BYTES)).every((isAtEnd) => isAtEnd),
    finish() {
      for (const reader of readers) reader.drain(DRAIN_BYTES);
      for (const formatter of lines) formatter.end();
      close();
    },
    close,
  };
}

/** Opens a pipe as the child gets it: for reading and writing, so that it is never without a reader and a write to it never fails. */
export function withChildEnds<T>(paths: OutputPaths, use: (stdout: number, stderr: number) => T): T {
  const stdout = openSync(paths.stdout, constants.O_RDWR);
  try {
    const stderr = openSync(paths.stderr, constants.O_RDWR);
    try {
      return use(stdout, stderr);
    } finally {
      closeSync(stderr);
    }
  } finally {
    closeSync(stdout);
  }
}
