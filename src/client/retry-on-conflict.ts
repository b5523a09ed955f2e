import { isConflict } from '../apimachinery/index.ts';
import { type Clock, systemClock } from '../std/index.ts';

/** Runs `attempt` (read, change, write) again when the write lost against another one: up to `attempts` times, 10 ms apart. The last conflict is thrown. */
export async function retryOnConflict<T>(attempt: () => Promise<T>, options: { readonly clock?: Clock; readonly attempts?: number } = {}): Promise<T> {
  const clock = options.clock ?? systemClock;
  const attempts = options.attempts ?? 5;
  for (let round = 1; ; round++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || round >= attempts) throw error;
      await clock.sleep(10);
    }
  }
}
