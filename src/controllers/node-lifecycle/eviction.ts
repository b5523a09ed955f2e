import { isPodTerminal, type Pod, type Taint, type Toleration } from '../../kinds/index.ts';
import { timeMs } from '../pods/pod-facts.ts';

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const operator = toleration.operator || 'Equal';
  if (operator === 'Exists') return true;
  return toleration.key !== undefined && toleration.key !== '' && operator === 'Equal' && (toleration.value ?? '') === (taint.value ?? '');
}

interface EvictionSeen {
  readonly pod: Pod;
  /** The NoExecute taints of its node. */
  readonly taints: readonly Taint[];
  /** Nothing counts from before this time: eviction never follows from what happened while nobody could answer for the node. */
  readonly sinceMs: (taint: Taint) => number;
}

/** When the pod has to leave, in epoch milliseconds; undefined when it may stay for good. Several taints: the first that it does not bear. */
export function evictionAtMs({ pod, taints, sinceMs }: EvictionSeen): number | undefined {
  if (isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return undefined;
  let first: number | undefined;
  for (const taint of taints) {
    const tolerations = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    const since = Math.max(timeMs(taint.timeAdded) ?? 0, sinceMs(taint));
    const seconds = tolerations.length === 0 ? 0 : Math.min(...tolerations.map((toleration) => Math.max(0, toleration.tolerationSeconds ?? Infinity)));
    if (seconds === Infinity) continue;
    first = Math.min(first ?? Infinity, since + seconds * 1000);
  }
  return first;
}
