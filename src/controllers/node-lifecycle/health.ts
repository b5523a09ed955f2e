import type { Lease, Node, NodeCondition } from '../../kinds/index.ts';

/** A node that has not renewed its lease for so long is not believed any more. */
export const GRACE_MS = 40_000;

/** What this process has seen of a node. Times are of its own monotonic clock: clocks of two machines are never compared. */
export interface Sighting {
  /** The renewal (and heartbeat) last seen, as text. */
  readonly sign: string;
  /** When that sign was new. */
  readonly atMs: number;
}

const signOf = (node: Node, lease: Lease | undefined): string => {
  const heartbeat = node.status?.conditions?.find((condition) => condition.type === 'Ready')?.lastHeartbeatTime ?? '';
  return `${lease?.spec?.renewTime ?? ''} ${heartbeat}`;
};

/**
 * Notes a node's signs of life. A node seen for the first time counts as alive now: after a restart nobody is judged by leases that could not
 * be renewed while there was nobody to renew them with.
 */
export function look(before: Sighting | undefined, node: Node, lease: Lease | undefined, monotonicMs: number): Sighting {
  const sign = signOf(node, lease);
  return before?.sign === sign ? before : { sign, atMs: monotonicMs };
}

export const isSilent = (sighting: Sighting, monotonicMs: number): boolean => monotonicMs - sighting.atMs > GRACE_MS;

/** When the node will count as silent unless it gives another sign. */
export const silentAtMs = (sighting: Sighting): number => sighting.atMs + GRACE_MS + 1;

const JUDGED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** The conditions of a silent node: nothing is known of it. The same list when that is what they say. */
export function silentConditions(node: Node, now: string): readonly NodeCondition[] {
  const conditions = node.status?.conditions ?? [];
  const unknown = (type: string, before: NodeCondition | undefined): NodeCondition =>
    before
      ? { ...before, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now }
      : {
          type,
          status: 'Unknown',
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
          lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
          lastTransitionTime: now,
        };
  const stale = JUDGED.filter((type) => conditions.find((condition) => condition.type === type)?.status !== 'Unknown');
  if (stale.length === 0) return conditions;
  const kept = conditions.map((condition) => (stale.some((type) => type === condition.type) ? unknown(condition.type, condition) : condition));
  const missing = stale.filter((type) => !conditions.some((condition) => condition.type === type)).map((type) => unknown(type, undefined));
  return [...kept, ...missing];
}
