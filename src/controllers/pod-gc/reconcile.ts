import { isPodTerminal, type Pod } from '../../kinds/index.ts';

/** A pod whose node is gone is given up only after the node has stayed away for so long. */
export const QUARANTINE_MS = 40_000;
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export interface PodsSeen {
  readonly pods: readonly Pod[];
  /** Whether the node exists; and whether an operator has declared it out of service. */
  readonly node: (name: string) => 'there' | 'out-of-service' | 'gone';
  /** Since when (monotonic milliseconds) the node has been missed. */
  readonly goneSinceMs: (name: string) => number | undefined;
  /** Ended pods beyond this number are removed, oldest first; 0 keeps all. */
  readonly terminatedThreshold: number;
}

export interface Removal {
  readonly pod: Pod;
  readonly why: 'terminated' | 'orphaned' | 'out-of-service' | 'unscheduled';
}

const age = (pod: Pod): string => `${pod.metadata.creationTimestamp ?? ''} ${pod.metadata.name ?? ''}`;

/** Nodes that pods are bound to and that do not exist. */
export const missingNodes = (seen: Pick<PodsSeen, 'pods' | 'node'>): ReadonlySet<string> =>
  new Set(seen.pods.map((pod) => pod.spec?.nodeName ?? '').filter((name) => name !== '' && seen.node(name) === 'gone'));

/** Pods that no kubelet will ever finish, and ended ones that are too many. Each is named once. */
export function removals(seen: PodsSeen, monotonicMs: number): readonly Removal[] {
  const chosen = new Map<Pod, Removal['why']>();
  for (const pod of seen.pods) {
    const nodeName = pod.spec?.nodeName ?? '';
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    if (nodeName === '') {
      if (terminating) chosen.set(pod, 'unscheduled');
      continue;
    }
    const state = seen.node(nodeName);
    const goneSince = seen.goneSinceMs(nodeName);
    if (state === 'gone' && goneSince !== undefined && monotonicMs - goneSince >= QUARANTINE_MS) chosen.set(pod, 'orphaned');
    else if (state === 'out-of-service' && terminating) chosen.set(pod, 'out-of-service');
  }
  if (seen.terminatedThreshold > 0) {
    const ended = seen.pods.filter((pod) => isPodTerminal(pod) && !chosen.has(pod)).toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
    for (const pod of ended.slice(0, Math.max(0, ended.length - seen.terminatedThreshold))) chosen.set(pod, 'terminated');
  }
  return [...chosen].map(([pod, why]) => ({ pod, why }));
}
