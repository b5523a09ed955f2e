import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StatusError, type Transport } from '../../apimachinery/index.ts';
import { TransportError } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';
import { systemClock } from '../../std/index.ts';
import { followLog } from './follow-log.ts';
import { logLines } from './log-line.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' } } as Pod;
const clock = { ...systemClock, sleep: () => Promise.resolve() };
const time = (at: number): string => `2030-01-01T00:00:${String(at).padStart(2, '0')}.000000000Z`;

/** A server with these lines whose connection breaks after each of `breaks` lines; it honours sinceTime as the API does (to the second). */
function breakingServer(lines: readonly { readonly time: string; readonly text: string }[], breaks: readonly number[]): Transport {
  let connection = 0;
  return {
    stream: async ({ query }) => {
      const since = query?.['sinceTime'];
      const from = typeof since === 'string' ? lines.filter((line) => line.time >= since) : lines;
      const limit = breaks[connection++];
      return (async function* () {
        for (const line of from.slice(0, limit)) yield new TextEncoder().encode(`${line.time} ${line.text}\n`);
        if (limit !== undefined) throw new TransportError('ERR_API_CONNECTION_LOST', 'lost', { sent: true });
      })();
    },
    request: () => Promise.reject(new Error('not needed')),
    watch: () => {
      throw new Error('not needed');
    },
    close: () => undefined,
  };
}

test('whenever the connection breaks, every line is shown once and in order, also lines of the same time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 5 }),
      async (steps, breaks) => {
        let at = 10;
        const lines = steps.map((step, index) => {
          at += step;
          return { time: time(at), text: `line ${index}` };
        });
        const shown: string[] = [];
        await followLog(breakingServer(lines, breaks), pod, { container: 'c' }, { clock, signal: new AbortController().signal }, (some) => {
          shown.push(...some.map(({ text }) => text));
        });
        expect(shown).toEqual(lines.map(({ text }) => text));
      },
    ),
  );
});

test('a refusal is told and not tried again', async () => {
  let tries = 0;
  const server = {
    ...breakingServer([], []),
    stream: () => {
      tries++;
      return Promise.reject(new StatusError({ code: 400, reason: 'BadRequest', message: 'waiting to start' }));
    },
  };
  await expect(followLog(server, pod, { container: 'c' }, { clock, signal: new AbortController().signal }, () => undefined)).rejects.toThrow(
    'waiting to start',
  );
  expect(tries).toBe(1);
});

test('lines come back from chunks cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n')),
        { maxLength: 8 },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (texts, size) => {
        const bytes = new TextEncoder().encode(texts.map((text) => `${time(1)} ${text}\n`).join(''));
        const chunks = (async function* () {
          for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
        })();
        const read: string[] = [];
        for await (const lines of logLines(chunks)) read.push(...lines.map(({ text }) => text));
        expect(read).toEqual(texts);
      },
    ),
  );
});
