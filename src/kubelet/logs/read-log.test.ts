import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../std/index.ts';
import { logEnd } from '../pod/last-words.ts';
import { type ReadLogOptions, readLog } from './read-log.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-logs-'));
  path = join(directory, '0.log');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const line = (text: string, second: number = 0, stream: string = 'stdout', tag: string = 'F') =>
  `2030-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z ${stream} ${tag} ${text}\n`;

const options = (extra: Partial<ReadLogOptions> = {}): ReadLogOptions => ({
  path,
  timestamps: false,
  sinceMs: undefined,
  stream: undefined,
  tailLines: undefined,
  limitBytes: undefined,
  follow: false,
  running: () => false,
  clock: systemClock,
  signal: new AbortController().signal,
  ...extra,
});

async function read(extra: Partial<ReadLogOptions> = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readLog(options(extra))) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('a log', () => {
  it('is what the program wrote: parts joined, streams told apart, rotated files first', async () => {
    writeFileSync(`${path}.20300101-000000`, line('one'));
    writeFileSync(`${path}.20300101-000001`, line('tw', 1, 'stdout', 'P') + line('o', 1));
    writeFileSync(path, line('three', 2, 'stderr') + line('', 3));
    expect(await read()).toBe('one\ntwo\nthree\n\n');
    expect(await read({ stream: 'stderr' })).toBe('three\n');
    expect(await read({ timestamps: true, tailLines: 2 })).toBe('2030-01-01T00:00:02.000000000Z three\n2030-01-01T00:00:03.000000000Z \n');
    expect(await read({ sinceMs: Date.parse('2030-01-01T00:00:02Z') })).toBe('three\n\n');
    expect(await read({ limitBytes: 6 })).toBe('one\ntw');
  });

  it('gives as many last lines as were asked for, also when more are written meanwhile', async () => {
    const texts = Array.from({ length: 5000 }, (_, index) => `number ${index}`);
    writeFileSync(path, texts.map((text) => line(text)).join(''));
    let read = '';
    for await (const chunk of readLog(options({ tailLines: 4000 }))) {
      if (read === '') appendFileSync(path, line('late'));
      read += Buffer.from(chunk).toString();
    }
    expect(read).toBe(
      texts
        .slice(-4000)
        .map((text) => `${text}\n`)
        .join(''),
    );
  });

  it('that does not exist is empty', async () => {
    expect(await read()).toBe('');
  });

  it('gives its last lines across files, for any number of lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '')),
            { maxLength: 8 },
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.nat(20),
        async (files, tail) => {
          for (const [index, lines] of files.entries())
            writeFileSync(index === files.length - 1 ? path : `${path}.2030010${index}-000000`, lines.map((text) => line(text)).join(''));
          for (let index = files.length - 1; index < 4; index += 1) rmSync(`${path}.2030010${index}-000000`, { force: true });
          const all = files.flat().map((text) => `${text}\n`);
          expect(await read({ tailLines: tail })).toBe(tail === 0 ? '' : all.slice(-tail).join(''));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is followed through rotation until the run has ended and all of it was read', async () => {
    writeFileSync(path, line('0'));
    let running = true;
    const reader = readLog(options({ follow: true, running: () => running }));
    let text = '';
    const next = async (): Promise<void> => {
      const { value } = await reader.next();
      if (value) text += Buffer.from(value).toString('utf8');
    };
    await next();
    for (let turn = 1; turn <= 3; turn += 1) {
      appendFileSync(path, line(`${turn}a`));
      await next();
      renameSync(path, `${path}.2030010${turn}-000000`);
      writeFileSync(path, line(`${turn}b`));
      await next();
    }
    appendFileSync(path, line('last'));
    running = false;
    for await (const chunk of reader) text += Buffer.from(chunk).toString('utf8');
    expect(text).toBe('0\n1a\n1b\n2a\n2b\n3a\n3b\nlast\n');
  });

  it('stops being followed when its reader goes', async () => {
    writeFileSync(path, line('0'));
    const abort = new AbortController();
    const reading = read({ follow: true, running: () => true, signal: abort.signal });
    abort.abort();
    expect(await reading).toMatch(/^(0\n)?$/);
  });
});

describe('the end of a log', () => {
  it('is at most 80 lines and 2 KiB', () => {
    const text = logEnd(Buffer.from(Array.from({ length: 200 }, (_, index) => line(`line ${index}`)).join('')));
    expect(text.split('\n')).toHaveLength(81);
    expect(text.startsWith('line 120\n')).toBe(true);
    expect(logEnd(Buffer.from(line('x'.repeat(5_000)))).length).toBe(2_048);
  });
});
