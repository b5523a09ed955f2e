import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { desiredReplicasOf, hasAnnotations, maxReplicasOf, sizeAnnotations } from './annotations.ts';
import { fenceposts, isRolling, replicasOf } from './fenceposts.ts';
import { byCreation, type DeploymentWrite, isActiveSet, sizeOf, totalSize } from './plan.ts';

/** The write that gives a ReplicaSet a size, with the annotations that say for which size of the Deployment; none when it has both. */
export function resize(deployment: Deployment, replicaSet: ReplicaSet, size: number): readonly DeploymentWrite[] {
  const annotations = sizeAnnotations(deployment);
  const from = sizeOf(replicaSet);
  if (from === size && hasAnnotations(replicaSet, annotations)) return [];
  const sized = {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations: { ...replicaSet.metadata.annotations, ...annotations } },
    spec: { ...replicaSet.spec!, replicas: size },
  };
  return [{ type: 'update', replicaSet: sized, ...(from === size ? {} : { from }) }];
}

/** Whether the Deployment's size was changed since its ReplicaSets were sized. */
export const isScaled = (deployment: Deployment, replicaSets: readonly ReplicaSet[]): boolean =>
  replicaSets.filter(isActiveSet).some((replicaSet) => {
    const desired = desiredReplicasOf(replicaSet);
    return desired !== undefined && desired !== replicasOf(deployment);
  });

/** The share of a change of the Deployment's size that falls to one ReplicaSet, by its size. */
function share(deployment: Deployment, replicaSet: ReplicaSet, toAdd: number, added: number): number {
  const size = sizeOf(replicaSet);
  if (size === 0 || toAdd === added) return 0;
  if (replicasOf(deployment) === 0) return -size;
  const before = maxReplicasOf(replicaSet) || deployment.status?.replicas || size;
  const after = replicasOf(deployment) + fenceposts(deployment).maxSurge;
  const fraction = Math.round((size * after) / before) - size;
  return toAdd > 0 ? Math.max(0, Math.min(fraction, toAdd - added)) : Math.min(0, Math.max(fraction, toAdd - added));
}

function proportionally(deployment: Deployment, active: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const replicas = replicasOf(deployment);
  const allowed = replicas > 0 ? replicas + fenceposts(deployment).maxSurge : 0;
  const toAdd = allowed - totalSize(active);
  const largestFirst = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)));
  let added = 0;
  const sizes = largestFirst.map((replicaSet) => {
    const part = toAdd === 0 ? 0 : share(deployment, replicaSet, toAdd, added);
    added += part;
    return sizeOf(replicaSet) + part;
  });
  // What rounding left over goes to the largest, as far as it can bear it.
  if (sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  return largestFirst.flatMap((replicaSet, index) => resize(deployment, replicaSet, sizes[index]!));
}

const isSaturated = (deployment: Deployment, newest: ReplicaSet | undefined): boolean => {
  if (!newest) return false;
  const replicas = replicasOf(deployment);
  return sizeOf(newest) === replicas && desiredReplicasOf(newest) === replicas && newest.status?.availableReplicas === replicas;
};

/** Brings ReplicaSets to a changed size of the Deployment, without moving pods from one template to another. */
export function scale(deployment: Deployment, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): readonly DeploymentWrite[] {
  const all = newest ? [...old, newest] : old;
  const active = all.filter(isActiveSet);
  if (active.length <= 1) {
    const only = active[0] ?? newest ?? old.at(-1);
    return only ? resize(deployment, only, replicasOf(deployment)) : [];
  }
  if (isSaturated(deployment, newest)) return old.filter(isActiveSet).flatMap((replicaSet) => resize(deployment, replicaSet, 0));
  return isRolling(deployment) ? proportionally(deployment, active) : [];
}
