import { type ContainerStatus, isPodReady, isSidecar, type Pod, podCondition } from '../../kinds/index.ts';
import { timeMs } from './pod-facts.ts';

const PHASE_ORDER: { readonly [phase: string]: number } = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const phaseOrder = (pod: Pod): number => PHASE_ORDER[pod.status?.phase ?? 'Pending'] ?? 0;

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text !== undefined && /^([+-]?[1-9][0-9]*|0)$/.test(text) ? Number(text) : 0;
}

const mostRestarts = (statuses: readonly ContainerStatus[] | undefined): number =>
  (statuses ?? []).reduce((most, status) => Math.max(most, status.restartCount), 0);

const sidecarRestarts = (pod: Pod): number => {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  return mostRestarts(pod.status?.initContainerStatuses?.filter((status) => sidecars.has(status.name)));
};

/** Ages are compared by powers of two, so that which of two pods of about the same age goes is spread by uid instead of always the newest. */
function ageBucket(ms: number | undefined, nowMs: number): number {
  const nanoseconds = ms === undefined ? 0 : (nowMs - ms) * 1e6;
  return nanoseconds > 0 ? Math.floor(Math.log2(nanoseconds)) : -1;
}

const text = (a: string | undefined, b: string | undefined): number => ((a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0);

function byAge(a: Pod, b: Pod, at: (pod: Pod) => number | undefined, nowMs: number): number {
  const [first, second] = [at(a), at(b)];
  if (first === second) return 0;
  return ageBucket(first, nowMs) - ageBucket(second, nowMs) || text(a.metadata.uid, b.metadata.uid);
}

/**
 * Orders the pods of a ReplicaSet, the first to be deleted in front, by Kubernetes' ranking: unassigned, pending, not ready, cheap by
 * pod-deletion-cost, crowded on its node, ready for less time, restarted more often, younger. `related` are the pods that count as crowding.
 */
export function byDeletionRank(pods: readonly Pod[], related: readonly Pod[], nowMs: number): readonly Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName;
    if (node) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const crowd = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? '') ?? 0;
  const assigned = (pod: Pod): number => (pod.spec?.nodeName ? 1 : 0);
  const readySince = (pod: Pod): number | undefined => timeMs(podCondition(pod, 'Ready')?.lastTransitionTime);
  const createdAt = (pod: Pod): number | undefined => timeMs(pod.metadata.creationTimestamp);
  return pods.toSorted(
    (a, b) =>
      assigned(a) - assigned(b) ||
      phaseOrder(a) - phaseOrder(b) ||
      Number(isPodReady(a)) - Number(isPodReady(b)) ||
      deletionCost(a) - deletionCost(b) ||
      crowd(b) - crowd(a) ||
      (isPodReady(a) && isPodReady(b) ? byAge(a, b, readySince, nowMs) : 0) ||
      mostRestarts(b.status?.containerStatuses) - mostRestarts(a.status?.containerStatuses) ||
      sidecarRestarts(b) - sidecarRestarts(a) ||
      byAge(a, b, createdAt, nowMs) ||
      text(a.metadata.name, b.metadata.name),
  );
}
