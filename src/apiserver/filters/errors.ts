import { internalError, StatusError, serviceUnavailable } from '../../apimachinery/index.ts';
import { errorText } from '../../std/index.ts';
import { StoreUnavailableError } from '../../storage/index.ts';
import type { Answer } from '../request/answer.ts';
import type { Filter } from './filter.ts';

/** Turns whatever was thrown into the Status that clients get. */
export function statusErrorOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof StoreUnavailableError) {
    return serviceUnavailable(`the change was not stored: ${error.message}. Nothing was changed; reads and running workloads go on`);
  }
  return internalError(errorText(error), error);
}

/** The answer that carries an error, with Retry-After where the error says when to come again. */
export function errorAnswer(error: StatusError): Answer {
  const retryAfter = error.status.details?.retryAfterSeconds;
  return { type: 'object', status: error.code, object: error.status, ...(retryAfter ? { headers: { 'retry-after': String(retryAfter) } } : {}) };
}

/** Outermost but for bookkeeping: nothing that a handler throws reaches the connection. `onInternalError` hears of faults that are ours. */
export const withErrors =
  (onInternalError: (error: StatusError, requestId: string) => void): Filter =>
  (next) =>
  async (call) => {
    try {
      return await next(call);
    } catch (error) {
      const status = statusErrorOf(error);
      if (status.code === 500) onInternalError(status, call.id);
      return errorAnswer(status);
    }
  };
