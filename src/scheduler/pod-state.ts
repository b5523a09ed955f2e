import { findCondition } from '../apimachinery/index.ts';
import { isPodTerminal, type Pod } from '../kinds/index.ts';

/** What a pod is to the scheduler. */
export type PodState =
  /** Runs on a node (or is about to) and takes its share there. */
  | 'placed'
  /** Wants a node. */
  | 'waiting'
  /** Wants none yet: somebody put gates on it. */
  | 'gated'
  /** Finished, or another scheduler's. */
  | 'other';

export function podStateOf(pod: Pod, schedulerName: string): PodState {
  if (isPodTerminal(pod)) return 'other';
  if (pod.spec?.nodeName) return 'placed';
  if ((pod.spec?.schedulerName ?? 'default-scheduler') !== schedulerName || pod.metadata.deletionTimestamp !== undefined) return 'other';
  return (pod.spec?.schedulingGates?.length ?? 0) > 0 ? 'gated' : 'waiting';
}

/** The PodScheduled=False condition that the pod should have; undefined when it has it. */
export function notScheduled(pod: Pod, reason: string, message: string, now: string) {
  const old = findCondition(pod.status?.conditions, 'PodScheduled');
  if (old?.status === 'False' && old.reason === reason && old.message === message) return undefined;
  return { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? now) : now };
}

/** Whether the change of a pod that fits nowhere may let it fit now. */
export const mayFitNow = (pod: Pod, old: Pod): boolean => JSON.stringify([pod.spec, pod.metadata.labels]) !== JSON.stringify([old.spec, old.metadata.labels]);
