import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { revisionOf } from './annotations.ts';
import { byCreation, type DeploymentWrite, isObserved, sizeOf } from './plan.ts';

const isEmpty = (replicaSet: ReplicaSet): boolean => sizeOf(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0 && isObserved(replicaSet);

/** Deletes the oldest revisions beyond the history limit. One that still has pods is never deleted. */
export function trimHistory(deployment: Deployment, old: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined) return [];
  const alive = old.filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined);
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b))
    .slice(0, Math.max(0, alive.length - limit))
    .filter(isEmpty)
    .map((replicaSet) => ({ type: 'delete', replicaSet }));
}
