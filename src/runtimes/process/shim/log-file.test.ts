import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../std/index.ts';
import { LogFile } from './log-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('records that could not be written are counted, and noted in their place once records can be written again', () => {
  const path = join(directory, '0.log');
  // A directory in the file's place fails like a full disk does, and can be taken away.
  mkdirSync(path);
  let gaps = 0;
  const log = new LogFile(path, { maxBytes: 1_000_000, maxFiles: 2 }, systemClock, () => {
    gaps += 1;
    return (bytes) => `gap ${gaps}: ${bytes}\n`;
  });
  const write = (text: string) => {
    log.append(Buffer.from(text));
    log.flush();
  };
  write('lost\n');
  write('lost too\n');
  expect(log.droppedBytes).toBe(14);
  rmdirSync(path);
  write('kept\n');
  write('kept too\n');
  log.close();
  expect(readFileSync(path, 'utf8')).toBe('gap 1: 14\nkept\nkept too\n');
  expect(log.droppedBytes).toBe(14);
});
