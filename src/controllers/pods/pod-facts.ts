import type { Pod, PodCondition } from '../../kinds/index.ts';

/** A pod that ended and will not run again. */
export const isEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Counts towards the replicas of its owner: neither ended nor being deleted. */
export const isActive = (pod: Pod): boolean => !isEnded(pod) && pod.metadata.deletionTimestamp === undefined;

/** Being deleted, but still running. */
export const isTerminating = (pod: Pod): boolean => !isEnded(pod) && pod.metadata.deletionTimestamp !== undefined;

export const readyCondition = (pod: Pod): PodCondition | undefined => pod.status?.conditions?.find((condition) => condition.type === 'Ready');

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** Milliseconds since the epoch of an API time, or undefined when there is none. */
export function timeMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** When the pod is (or was) ready for `minReadySeconds`; undefined while it is not ready. Times of the API have whole seconds. */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = timeMs(ready.lastTransitionTime);
  return since === undefined ? undefined : since + minReadySeconds * 1000;
}

export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const at = availableAtMs(pod, minReadySeconds);
  return at !== undefined && at <= nowMs;
}
