import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, settled } from './manual-clock.ts';
import { createWorkQueue } from './work-queue.ts';

/** A reconcile that is held open until told, per key. */
function held() {
  const open = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();
  const started: string[] = [];
  return {
    started,
    reconcile: (key: string) => {
      started.push(key);
      return new Promise<void>((resolve, reject) => open.set(key, { resolve, reject }));
    },
    finish: (key: string) => open.get(key)?.resolve(),
    fail: (key: string) => open.get(key)?.reject(new Error('no')),
  };
}

test('a key added while it is worked on comes once more, however often it was added', async () => {
  const work = held();
  const queue = createWorkQueue({ clock: new ManualClock(), concurrency: 4, reconcile: work.reconcile });
  queue.add('a');
  await settled();
  queue.add('a');
  queue.add('a');
  await settled();
  expect(work.started).toEqual(['a']);
  work.finish('a');
  await settled();
  expect(work.started).toEqual(['a', 'a']);
  work.finish('a');
  await settled();
  expect(work.started).toEqual(['a', 'a']);
  await queue.close();
});

test('keys start in the order they were added, at most `concurrency` at once', async () => {
  const work = held();
  const queue = createWorkQueue({ clock: new ManualClock(), concurrency: 2, reconcile: work.reconcile });
  for (const key of ['a', 'b', 'c', 'b']) queue.add(key);
  await settled();
  expect([work.started, queue.length]).toEqual([['a', 'b'], 1]);
  work.finish('a');
  await settled();
  expect(work.started).toEqual(['a', 'b', 'c']);
  work.finish('b');
  work.finish('c');
  await queue.close();
});

test('failures back off from 5 ms doubling to 1000 s per key, and success forgets them', async () => {
  const clock = new ManualClock();
  const delays: number[] = [];
  let failing = true;
  const queue = createWorkQueue({
    clock,
    reconcile: async () => {
      if (failing) throw new Error('no');
    },
    onError: (_key, _error, { retryInMs }) => delays.push(retryInMs),
  });
  queue.add('a');
  for (let i = 0; i < 20; i++) await clock.advance(1_000_000);
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(1_000_000);
  failing = false;
  await clock.advance(1_000_000);
  failing = true;
  delays.length = 0;
  queue.add('a');
  await settled();
  expect(delays).toEqual([5]);
  await queue.close();
  expect(clock.pendingTimers).toBe(0);
});

test('addAfter keeps the earliest time asked for', async () => {
  const clock = new ManualClock();
  const seen: number[] = [];
  const startMs = clock.now();
  const queue = createWorkQueue({
    clock,
    reconcile: async () => {
      seen.push(clock.now() - startMs);
    },
  });
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  await clock.advance(1_000);
  expect(seen).toEqual([50]);
  await queue.close();
});

test('closing waits for the key under way, aborts its signal and drops the rest', async () => {
  let aborted = false;
  const queue = createWorkQueue({
    clock: new ManualClock(),
    reconcile: (_key, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve();
        }),
      ),
  });
  queue.add('a');
  queue.add('b');
  await settled();
  await Promise.all([queue.close(), queue.close()]);
  queue.add('c');
  expect([aborted, queue.length]).toEqual([true, 0]);
});

test('work that never waits gives the event loop its turn', async () => {
  const clock = new ManualClock();
  let done = 0;
  const queue = createWorkQueue({
    clock,
    reconcile: async () => {
      done++;
    },
  });
  for (let i = 0; i < 1_000; i++) queue.add(String(i));
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBeLessThan(1_000);
  await queue.close();
});

test('every key added is worked on after its last add, and never twice at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.record({ add: fc.constantFrom('a', 'b', 'c') }), fc.record({ advanceMs: fc.integer({ min: 1, max: 50 }) })), { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
      async (steps, concurrency, outcomes) => {
        const clock = new ManualClock();
        const current = new Set<string>();
        const stale = new Set<string>();
        let round = 0;
        let overlapped = false;
        const queue = createWorkQueue({
          clock,
          concurrency,
          reconcile: async (key) => {
            overlapped ||= current.has(key) || current.size >= concurrency;
            current.add(key);
            stale.delete(key);
            await clock.sleep(7);
            current.delete(key);
            if (outcomes[round++ % outcomes.length]) {
              if (round < 200) throw new Error('again');
            }
          },
        });
        for (const step of steps) {
          if ('add' in step) {
            stale.add(step.add);
            queue.add(step.add);
          } else await clock.advance(step.advanceMs);
        }
        await clock.advance(100_000_000);
        expect([overlapped, [...stale], queue.length]).toEqual([false, [], 0]);
        await queue.close();
      },
    ),
    { numRuns: 40 },
  );
});
