import { timeoutError } from '../apimachinery/index.ts';
import type { Clock } from '../std/index.ts';

/** Runs `call` with a signal that also aborts after `limitMs`; rejects then even when the call does not heed it. */
export function withLimit<T>(
  clock: Clock,
  limitMs: number,
  subject: string,
  given: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (given?.aborted) return Promise.reject(given.reason);
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const stop = (reason: unknown): void => {
      settle();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => stop(given?.reason);
    const timer = clock.after(limitMs, () => stop(timeoutError(`${subject}: no answer within ${limitMs / 1000} s`)));
    const settle = (): void => {
      timer.close();
      given?.removeEventListener('abort', onAbort);
    };
    given?.addEventListener('abort', onAbort, { once: true });
    call(controller.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}
