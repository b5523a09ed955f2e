import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from '../../kinds/index.ts';

/** Everything that a Deployment's decision rests on. */
export interface DeploymentSeen {
  readonly deployment: Deployment;
  /** Those that it controls, in any order. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Pods controlled by the ReplicaSet of that uid. */
  readonly podsOf: (replicaSetUid: string) => readonly Pod[];
}

/** One write. They are made in order; the first failure ends the plan. */
export type DeploymentWrite =
  | { readonly type: 'create'; readonly replicaSet: ReplicaSet }
  /** `from`: the size before, when the size changes; told in an event. */
  | { readonly type: 'update'; readonly replicaSet: ReplicaSet; readonly from?: number }
  | { readonly type: 'delete'; readonly replicaSet: ReplicaSet }
  /** The revision that the Deployment is at, as its annotation. */
  | { readonly type: 'revision'; readonly revision: string };

export interface DeploymentPlan {
  readonly writes: readonly DeploymentWrite[];
  /** The status to be written after the writes. */
  readonly status: DeploymentStatus;
  /** When the passing of time alone may change the decision. */
  readonly changesAtMs?: number;
}

export const sizeOf = (replicaSet: ReplicaSet): number => replicaSet.spec?.replicas ?? 1;
export const totalSize = (replicaSets: readonly ReplicaSet[]): number => replicaSets.reduce((total, replicaSet) => total + sizeOf(replicaSet), 0);
export const isActiveSet = (replicaSet: ReplicaSet): boolean => sizeOf(replicaSet) > 0;

const createdAt = (replicaSet: ReplicaSet): string => replicaSet.metadata.creationTimestamp ?? '';

/** Oldest first; those of one second by name. */
export const byCreation = (a: ReplicaSet, b: ReplicaSet): number => {
  const [first, second] = [createdAt(a) + (a.metadata.name ?? ''), createdAt(b) + (b.metadata.name ?? '')];
  return first < second ? -1 : first > second ? 1 : 0;
};

/** Whether the ReplicaSet controller has taken note of the size last asked for, so that the status speaks about it. */
export const isObserved = (replicaSet: ReplicaSet): boolean => (replicaSet.status?.observedGeneration ?? 0) >= (replicaSet.metadata.generation ?? 0);

/** What the ReplicaSets look like once the plan's writes are made. */
export function afterWrites(replicaSets: readonly ReplicaSet[], writes: readonly DeploymentWrite[]): readonly ReplicaSet[] {
  const byName = new Map(replicaSets.map((replicaSet) => [replicaSet.metadata.name, replicaSet]));
  for (const write of writes) {
    if (write.type === 'revision') continue;
    if (write.type === 'delete') byName.delete(write.replicaSet.metadata.name);
    else byName.set(write.replicaSet.metadata.name, write.replicaSet);
  }
  return [...byName.values()];
}
