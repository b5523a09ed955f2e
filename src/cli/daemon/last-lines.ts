import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The last lines of a file (of its last 64 KiB); none when it cannot be read. */
export function lastLines(file: string, count: number): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // No log is no lines: this is shown beside the failure that is being told.
    return [];
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, 65_536);
    const buffer = Buffer.alloc(length);
    readSync(descriptor, buffer, 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
