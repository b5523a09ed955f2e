import type { Pod, ReplicaSet } from '../../kinds/index.ts';
import { byDeletionRank } from '../pods/deletion-rank.ts';
import { isActive } from '../pods/pod-facts.ts';

/** At most so many pods are created or deleted for one ReplicaSet in one go, so that others get their turn. */
const BURST = 500;

export interface ReplicaSetSeen {
  readonly replicaSet: ReplicaSet;
  /** Pods that it controls. */
  readonly owned: readonly Pod[];
  /** Pods of the namespace that nobody controls. */
  readonly orphans: readonly Pod[];
  /** Whether labels match its selector. */
  readonly matches: (labels: { readonly [key: string]: string }) => boolean;
  /** Active pods of ReplicaSets with the same owner, itself included: crowded nodes lose pods first. */
  readonly related: () => readonly Pod[];
}

/** What to write. Release and adopt come first; then either creations or deletions. */
export interface ReplicaSetPlan {
  readonly release: readonly Pod[];
  readonly adopt: readonly Pod[];
  readonly create: number;
  readonly delete: readonly Pod[];
}

const NOTHING: ReplicaSetPlan = { release: [], adopt: [], create: 0, delete: [] };

/** Decides how to come to the wanted number of active pods. Says nothing twice: applied, it plans nothing more. */
export function reconcile(seen: ReplicaSetSeen, nowMs: number): ReplicaSetPlan {
  const { replicaSet, matches } = seen;
  if (replicaSet.metadata.deletionTimestamp !== undefined) return NOTHING;
  const release = seen.owned.filter((pod) => !matches(pod.metadata.labels ?? {}) && pod.metadata.deletionTimestamp === undefined);
  const adopt = seen.orphans.filter((pod) => isActive(pod) && matches(pod.metadata.labels ?? {}));
  const active = [...seen.owned.filter((pod) => isActive(pod) && matches(pod.metadata.labels ?? {})), ...adopt];
  const missing = (replicaSet.spec?.replicas ?? 1) - active.length;
  return {
    release,
    adopt,
    create: Math.min(Math.max(missing, 0), BURST),
    delete: missing < 0 ? byDeletionRank(active, seen.related(), nowMs).slice(0, Math.min(-missing, BURST)) : [],
  };
}
