import type { Node, Taint } from '../../kinds/index.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';

const PRESSURES: { readonly [type: string]: string } = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Taints that follow from a node's state; all others are their makers' business. */
const OWNED = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURES)]);

const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

function wanted(node: Node): readonly Taint[] {
  const status = (type: string): string | undefined => node.status?.conditions?.find((condition) => condition.type === type)?.status;
  const taints: Taint[] = [];
  const ready = status('Ready');
  const unready = ready === 'Unknown' ? UNREACHABLE : ready === 'False' ? NOT_READY : undefined;
  if (unready) taints.push({ key: unready, effect: 'NoSchedule' }, { key: unready, effect: 'NoExecute' });
  for (const [type, key] of Object.entries(PRESSURES)) if (status(type) === 'True') taints.push({ key, effect: 'NoSchedule' });
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}

/** The taints that a node should have, given its conditions; the same list when it has them. `now` marks when eviction begins to count. */
export function wantedTaints(node: Node, now: string): readonly Taint[] {
  const taints = node.spec?.taints ?? [];
  const target = wanted(node);
  // A node that has never told its condition keeps the taint it was registered with.
  const knowsReady = node.status?.conditions?.some((condition) => condition.type === 'Ready') === true;
  const isStale = (taint: Taint): boolean =>
    OWNED.has(taint.key) && !target.some((one) => same(one, taint)) && (knowsReady || (taint.key !== NOT_READY && taint.key !== UNREACHABLE));
  const missing = target.filter((one) => !taints.some((taint) => same(one, taint)));
  if (missing.length === 0 && !taints.some(isStale)) return taints;
  return [...taints.filter((taint) => !isStale(taint)), ...missing.map((taint) => ({ ...taint, timeAdded: now }))];
}
