import type { Probe } from '../../kinds/index.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** The answer of one probe run; `message` says what went wrong. `error`: the probe itself could not be run. */
export interface ProbeAnswer {
  readonly outcome: 'success' | 'failure' | 'error';
  readonly message: string;
}

/** Answers of the same kind in a row, and what they have come to. */
export interface ProbeState {
  readonly successes: number;
  readonly failures: number;
  /** unknown until a threshold is reached for the first time. */
  readonly verdict: 'unknown' | 'success' | 'failure';
}

export const UNPROBED: ProbeState = { successes: 0, failures: 0, verdict: 'unknown' };

/** The state after one more answer. An error counts as a failure. Thresholds default to 1 success and 3 failures. */
export function afterAnswer(state: ProbeState, answer: ProbeAnswer, probe: Pick<Probe, 'successThreshold' | 'failureThreshold'>): ProbeState {
  if (answer.outcome === 'success') {
    const successes = state.successes + 1;
    return { successes, failures: 0, verdict: successes >= (probe.successThreshold ?? 1) ? 'success' : state.verdict };
  }
  const failures = state.failures + 1;
  return { successes: 0, failures, verdict: failures >= (probe.failureThreshold ?? 3) ? 'failure' : state.verdict };
}

export const periodMs = (probe: Probe): number => (probe.periodSeconds ?? 10) * 1000;
export const timeoutMs = (probe: Probe): number => (probe.timeoutSeconds ?? 1) * 1000;

/**
 * Milliseconds until the next run. Until the first success of a startup or readiness probe, and inside the first period of the container's
 * life, it is asked in quick steps that do not count as failures, so that an app is in rotation as soon as it serves.
 */
export function nextRunMs(
  probe: Probe,
  kind: ProbeKind,
  state: ProbeState,
  runningMs: number,
  quickRuns: number,
): { readonly inMs: number; readonly quick: boolean } {
  const initialMs = (probe.initialDelaySeconds ?? 0) * 1000;
  if (runningMs < initialMs) return { inMs: initialMs - runningMs, quick: false };
  const period = periodMs(probe);
  if (kind === 'liveness' || state.verdict !== 'unknown' || state.failures > 0) return { inMs: period, quick: false };
  const step = 50 * 2 ** Math.min(quickRuns, 5);
  return runningMs - initialMs + step < period ? { inMs: step, quick: true } : { inMs: Math.max(period - (runningMs - initialMs), 1), quick: false };
}
