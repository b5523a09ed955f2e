import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Pod } from '../../kinds/index.ts';
import type { ContainerRecord } from '../../runtimes/index.ts';
import { LineWriter } from '../logs/cri-line.ts';
import { terminationFile } from './container-config.ts';
import type { ContainerTrack } from './container-track.ts';

const MAX_MESSAGE_BYTES = 4_096;
const MAX_LOG_BYTES = 2_048;
const MAX_LOG_LINES = 80;
/** CRI's prefix of a line is shorter than this. */
const PREFIX_BYTES = 48;
const NEWLINE = 0x0a;

/**
 * The message of an ended run: what it wrote to its termination file, else (when asked for, and it failed) the end of its log. Empty when there is none.
 * A few kilobytes, read at once, so that the status which tells of the end has them.
 */
export function lastWords(pod: Pod, track: ContainerTrack, record: ContainerRecord, podsDirectory: string): string {
  const written = readPart(terminationFile(podsDirectory, pod.metadata.uid ?? '', track.name, record.attempt), MAX_MESSAGE_BYTES, 'start').toString('utf8');
  if (written !== '' || track.spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || record.exitCode === 0) return written;
  return logEnd(readPart(record.logPath, MAX_LOG_BYTES + MAX_LOG_LINES * PREFIX_BYTES, 'end'));
}

function readPart(path: string, limitBytes: number, where: 'start' | 'end'): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Neither file need exist.
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, limitBytes);
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(file, buffer, 0, length, where === 'start' ? 0 : size - length));
  } finally {
    closeSync(file);
  }
}

/** The last lines of a CRI log as the program wrote them; a first line that was cut is left out. */
export function logEnd(bytes: Buffer): string {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  const out: Buffer[] = [];
  const writer = new LineWriter({ timestamps: false, sinceMs: undefined, stream: undefined });
  const cut = bytes.length >= MAX_LOG_BYTES + MAX_LOG_LINES * PREFIX_BYTES ? 1 : 0;
  for (const line of lines.slice(Math.max(cut, lines.length - MAX_LOG_LINES))) writer.write(line, out);
  const text = Buffer.concat(out);
  return text.subarray(Math.max(text.length - MAX_LOG_BYTES, 0)).toString('utf8');
}
