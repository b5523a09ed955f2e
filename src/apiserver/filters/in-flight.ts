import { tooManyRequests } from '../../apimachinery/index.ts';
import { isLongRunning, isMutating } from '../request/request-info.ts';
import type { Filter } from './filter.ts';

export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Kubernetes' own defaults. */
export const DEFAULT_IN_FLIGHT: InFlightLimits = { readOnly: 400, mutating: 200 };

/** Refuses with 429 when too many requests are being worked on. The daemon's own parts are not counted: they must make progress for load to fall. */
export function withInFlightLimit(limits: InFlightLimits): Filter {
  const busy = { readOnly: 0, mutating: 0 };
  return (next) => async (call) => {
    if (isLongRunning(call.info) || call.credentials.type === 'in-process') return next(call);
    const side = isMutating(call.info) ? 'mutating' : 'readOnly';
    if (busy[side] >= limits[side]) throw tooManyRequests('Too many requests, please try again later.', 1);
    busy[side] += 1;
    try {
      return await next(call);
    } finally {
      busy[side] -= 1;
    }
  };
}
