import { isPodReady, isPodTerminal, type Pod, podAvailableAtMs } from '../../kinds/index.ts';

/** Counts towards the replicas of its owner: neither ended nor being deleted. */
export const isActive = (pod: Pod): boolean => !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;

/** Being deleted, but still running. */
export const isTerminating = (pod: Pod): boolean => !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;

/** Milliseconds since the epoch of an API time, or undefined when there is none. */
export function timeMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** When a ready pod counts as available; undefined while it is not ready. Without a minimum that is always: clocks that jump back do not matter. */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  if (minReadySeconds > 0) return podAvailableAtMs(pod, minReadySeconds);
  return isPodReady(pod) ? 0 : undefined;
}
