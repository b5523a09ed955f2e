import { isPodTerminal, type ReplicaSet } from '../../kinds/index.ts';
import { replicasOf } from './fenceposts.ts';
import { ensureNewest } from './new-replica-set.ts';
import { type DeploymentSeen, type DeploymentWrite, isActiveSet, isObserved } from './plan.ts';
import { resize } from './scale.ts';

function oldPodsRun(seen: DeploymentSeen, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): boolean {
  if (old.some((replicaSet) => (replicaSet.status?.replicas ?? 0) > 0 || !isObserved(replicaSet))) return true;
  return old
    .filter((replicaSet) => replicaSet !== newest)
    .some((replicaSet) => seen.podsOf(replicaSet.metadata.uid ?? '').some((pod) => pod.status?.phase === 'Unknown' || !isPodTerminal(pod)));
}

/** The next step of a Recreate: every old pod away and gone, and only then the first new one. */
export function recreateStep(seen: DeploymentSeen, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const { deployment } = seen;
  const shrunk = old.filter(isActiveSet).flatMap((replicaSet) => resize(deployment, replicaSet, 0));
  if (shrunk.length > 0 || oldPodsRun(seen, newest, old)) return shrunk;
  return newest ? resize(deployment, newest, replicasOf(deployment)) : ensureNewest(deployment, newest, old, 'create');
}
