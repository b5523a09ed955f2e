import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { fenceposts, replicasOf } from './fenceposts.ts';
import { newestSize } from './new-replica-set.ts';
import { type DeploymentWrite, isActiveSet, isObserved, sizeOf, totalSize } from './plan.ts';
import { resize } from './scale.ts';

/** Pods that serve and will stay: a status from before the last change of size must not count pods that are already given up. */
const availableOf = (replicaSet: ReplicaSet): number => Math.min(replicaSet.status?.availableReplicas ?? 0, sizeOf(replicaSet));

function sizeNewest(deployment: Deployment, newest: ReplicaSet, all: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const size = sizeOf(newest);
  const replicas = replicasOf(deployment);
  if (size === replicas) return [];
  const wanted = size > replicas ? replicas : newestSize(deployment, newest, all);
  return wanted === size ? [] : resize(deployment, newest, wanted);
}

/** Takes from old ReplicaSets: first pods that do not serve anyway, then as many serving ones as the newest can spare. */
function shrinkOld(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const active = old.filter(isActiveSet);
  const all = [...active, newest];
  // Until every size is taken note of, the numbers of available pods may speak of pods that are going: nothing is taken on their word.
  if (active.length === 0 || !all.every(isObserved)) return [];
  const minAvailable = replicasOf(deployment) - fenceposts(deployment).maxUnavailable;
  const pendingNew = sizeOf(newest) - availableOf(newest);
  let budget = totalSize(all) - minAvailable - pendingNew;
  if (budget <= 0) return [];
  const sizes = new Map(active.map((replicaSet) => [replicaSet, sizeOf(replicaSet)]));
  for (const replicaSet of active) {
    const unhealthy = Math.min(budget, sizeOf(replicaSet) - availableOf(replicaSet));
    sizes.set(replicaSet, sizeOf(replicaSet) - unhealthy);
    budget -= unhealthy;
  }
  let spare = Math.min(budget, all.reduce((total, replicaSet) => total + availableOf(replicaSet), 0) - minAvailable);
  for (const replicaSet of active) {
    if (spare <= 0) break;
    const taken = Math.min(sizes.get(replicaSet)!, spare);
    sizes.set(replicaSet, sizes.get(replicaSet)! - taken);
    spare -= taken;
  }
  return active.flatMap((replicaSet) => (sizes.get(replicaSet) === sizeOf(replicaSet) ? [] : resize(deployment, replicaSet, sizes.get(replicaSet)!)));
}

/** The next step of a rolling update: grow the newest as far as the surge allows, else shrink the old as far as availability allows. */
export function rollingStep(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const grown = sizeNewest(deployment, newest, [...old, newest]);
  return grown.length > 0 ? grown : shrinkOld(deployment, newest, old);
}
