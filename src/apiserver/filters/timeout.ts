import { timeoutError } from '../../apimachinery/index.ts';
import type { Clock } from '../../std/index.ts';
import { isLongRunning } from '../request/request-info.ts';
import type { Filter } from './filter.ts';

/** Answers 504 when a request that is not long-running takes longer than `limitMs`. Its work may still complete, as the message says. */
export const withTimeout =
  (clock: Clock, limitMs: number): Filter =>
  (next) =>
  (call) => {
    if (isLongRunning(call.info) || call.credentials.type === 'in-process') return next(call);
    return new Promise((resolve, reject) => {
      const timer = clock.after(limitMs, () =>
        reject(timeoutError('Timeout: request did not complete within the allotted timeout; it may still be processed by the server')),
      );
      next(call)
        .then(resolve, reject)
        .finally(() => timer.close());
    });
  };
