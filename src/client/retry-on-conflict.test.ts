import { expect, test } from 'vitest';
import { staleObject } from '../apimachinery/index.ts';
import { ManualClock } from './manual-clock.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

const conflict = () => staleObject({ group: '', resource: 'pods' }, 'a');

test('a write that lost is tried again until it wins', async () => {
  const clock = new ManualClock();
  let tries = 0;
  const done = retryOnConflict(
    async () => {
      if (++tries < 4) throw conflict();
      return tries;
    },
    { clock },
  );
  await clock.advance(100);
  expect(await done).toBe(4);
});

test('the last conflict is thrown after five tries, and other failures at once', async () => {
  const clock = new ManualClock();
  let tries = 0;
  const lost = expect(
    retryOnConflict(
      async () => {
        tries++;
        throw conflict();
      },
      { clock },
    ),
  ).rejects.toMatchObject({ reason: 'Conflict' });
  await clock.advance(100);
  await lost;
  expect(tries).toBe(5);
  await expect(retryOnConflict(() => Promise.reject(new Error('other')), { clock })).rejects.toThrow('other');
});
