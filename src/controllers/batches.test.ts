import { describe, expect, it } from 'vitest';
import { inParallel, slowStart } from './batches.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('A slow start', () => {
  it('calls everything once, never more at once than allowed', async () => {
    let [busy, most] = [0, 0];
    const called: number[] = [];
    const result = await slowStart(
      100,
      async (index) => {
        called.push(index);
        most = Math.max(most, ++busy);
        await turn();
        busy--;
      },
      7,
    );
    expect(result).toEqual({ succeeded: 100 });
    expect(called.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(most).toBe(7);
  });

  it('tries once what fails for all', async () => {
    let calls = 0;
    const result = await slowStart(1000, () => {
      calls++;
      return Promise.reject(new Error('quota'));
    });
    expect([calls, result.succeeded, (result.failure as Error).message]).toEqual([1, 0, 'quota']);
  });

  it('of nothing does nothing', async () => expect(await slowStart(0, () => Promise.reject(new Error('called')))).toEqual({ succeeded: 0 }));
});

describe('Calls in parallel', () => {
  it('start no more after a failure, and wait for those under way', async () => {
    let done = 0;
    const result = await inParallel(
      100,
      async (index) => {
        await turn();
        if (index === 1) throw new Error('second');
        done++;
      },
      3,
    );
    expect((result.failure as Error).message).toBe('second');
    expect(result.succeeded).toBe(done);
    expect(done).toBeLessThan(10);
  });
});
