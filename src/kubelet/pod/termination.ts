import type { Pod } from '../../kinds/index.ts';

/** Even a grace that has passed while nobody looked leaves a program this long to end. */
const LEAST_MS = 2_000;

/**
 * What is left of a pod's grace: counted from its deletion in the API when it is being deleted (so a restart of this process does not start it anew),
 * else the whole of it. A forced deletion leaves one second.
 */
export function podGraceMs(pod: Pod, nowMs: number): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const fullMs = (deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  if (deletionTimestamp === undefined) return fullMs;
  if (fullMs === 0) return 1_000;
  // The timestamp is the end of the grace, cut to whole seconds.
  const leftMs = Date.parse(deletionTimestamp) + 1_000 - nowMs;
  return Math.min(Math.max(leftMs, Math.min(LEAST_MS, fullMs)), fullMs);
}
