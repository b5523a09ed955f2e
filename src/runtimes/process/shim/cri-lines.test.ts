import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../std/index.ts';
import { CriLines } from './cri-lines.ts';
import { LogFile, type LogLimits } from './log-file.ts';
import { createTimestamps } from './timestamps.ts';

const NO_LIMIT: LogLimits = { maxBytes: Number.MAX_SAFE_INTEGER, maxFiles: 1 };
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-cri-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes chunks and gives back the records of all files, oldest first. */
function records(chunks: readonly Uint8Array[], limits: LogLimits, name = '0.log'): string[] {
  const log = new LogFile(join(directory, name), limits, systemClock);
  const lines = new CriLines(log, 'stdout', createTimestamps(systemClock));
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  log.close();
  const files = readdirSync(directory)
    .filter((file) => file.startsWith(`${name}.`))
    .sort();
  return [...files, ...readdirSync(directory).filter((file) => file === name)].flatMap((file) =>
    readFileSync(join(directory, file), 'latin1').split('\n').slice(0, -1),
  );
}

/** What a reader of the CRI format makes of it. */
const joined = (all: readonly string[]) => all.map((record) => (record.slice(38, 39) === 'F' ? `${record.slice(40)}\n` : record.slice(40))).join('');

const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout [FP] /;

test('a line without its end is a part, and an empty line is a line', () => {
  const all = records([Buffer.from('one\n\ntw'), Buffer.from('o\nthree')], NO_LIMIT);
  expect(all.map((record) => record.slice(38))).toEqual(['F one', 'F ', 'F two', 'P three']);
  for (const record of all) expect(record).toMatch(SHAPE);
});

test('a line over 16 KiB is cut into parts of exactly that', () => {
  const all = records([Buffer.from(`${'a'.repeat(40_000)}\nb\n`)], NO_LIMIT);
  expect(all.map((record) => [record[38], record.length - 40])).toEqual([
    ['P', 16_384],
    ['P', 16_384],
    ['F', 7232],
    ['F', 1],
  ]);
});

test('whatever the bytes and however they are cut, a reader gets them back', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.nat(40_000).map((length) => 'z'.repeat(length)),
  );
  let run = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), fc.infiniteStream(fc.integer({ min: 1, max: 20_000 })), (parts, isEnded, sizes) => {
      const bytes = Buffer.from(parts.map((part) => part.replaceAll('\n', ' ')).join('\n') + (isEnded ? '\n' : ''));
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value as number;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(joined(records(chunks, NO_LIMIT, `${run++}.log`))).toBe(bytes.toString('latin1'));
    }),
    { numRuns: 60 },
  );
});

test('rotation loses no line, keeps to the number of files, and names them by time', () => {
  const text = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join('');
  const chunks = text.match(/[\s\S]{1,3000}/g)!.map((part) => Buffer.from(part));
  const all = records(chunks, { maxBytes: 70_000, maxFiles: 100 });
  expect(all.map((record) => record.slice(40))).toEqual(text.trimEnd().split('\n'));
  expect(readdirSync(directory).length).toBeGreaterThan(2);
  for (const file of readdirSync(directory)) expect(file).toMatch(/^0\.log(\.\d{8}-\d{6})?$/);
  const few = records(chunks, { maxBytes: 70_000, maxFiles: 2 }, '1.log');
  expect(few.at(-1)?.slice(40)).toBe('line 4999');
  expect(readdirSync(directory).filter((file) => file.startsWith('1.log'))).toHaveLength(2);
});

test('what cannot be written is dropped and counted, never thrown', () => {
  const log = new LogFile('/dev/full', NO_LIMIT, systemClock);
  log.append(Buffer.alloc(100_000, 'x'));
  log.close();
  expect(log.droppedBytes).toBe(100_000);
});

test('times never run backwards and follow the clock', () => {
  let wall = 1_700_000_000_000;
  let monotonic = 0;
  const timestamp = createTimestamps({ ...systemClock, now: () => wall, monotonic: () => monotonic });
  expect(timestamp()).toBe('2023-11-14T22:13:20.000000000Z');
  monotonic += 1.5;
  wall += 1;
  expect(timestamp()).toBe('2023-11-14T22:13:20.001500000Z');
  wall += 3_600_000;
  expect(timestamp()).toBe('2023-11-14T23:13:20.001000000Z');
});
