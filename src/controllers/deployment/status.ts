import { findCondition, removeCondition } from '../../apimachinery/index.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../kinds/index.ts';
import { type Conditions, deadlineAtMs, deadlineMs, restate, state } from './conditions.ts';
import { fenceposts, replicasOf } from './fenceposts.ts';
import { totalSize } from './plan.ts';

type Count = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';

const sum = (replicaSets: readonly ReplicaSet[], count: Count): number =>
  replicaSets.reduce((total, replicaSet) => total + (replicaSet.status?.[count] ?? 0), 0);

const field = (name: string, value: number): { readonly [name: string]: number } => (value === 0 ? {} : { [name]: value });

/** Counts and availability. `all` contains `newest`. */
export function countStatus(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  all: readonly ReplicaSet[],
  conditions: Conditions,
  nowMs: number,
): DeploymentStatus {
  const available = sum(all, 'availableReplicas');
  const enough = available >= replicasOf(deployment) - fenceposts(deployment).maxUnavailable;
  const { collisionCount } = deployment.status ?? {};
  return {
    ...field('observedGeneration', deployment.metadata.generation ?? 0),
    ...field('replicas', sum(all, 'replicas')),
    ...field('updatedReplicas', newest?.status?.replicas ?? 0),
    ...field('readyReplicas', sum(all, 'readyReplicas')),
    ...field('availableReplicas', available),
    ...field('unavailableReplicas', Math.max(0, totalSize(all) - available)),
    terminatingReplicas: sum(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: state(
      conditions,
      {
        type: 'Available',
        status: enough ? 'True' : 'False',
        reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
      },
      nowMs,
    ),
  };
}

/** Every replica is of the newest template and available, and no old one is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = replicasOf(deployment);
  return (status.updatedReplicas ?? 0) === replicas && (status.replicas ?? 0) === replicas && (status.availableReplicas ?? 0) === replicas;
}

function hasProgressed(old: DeploymentStatus, now: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(now) < outdated(old) ||
    (now.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function progressConditions(deployment: Deployment, newest: ReplicaSet | undefined, status: DeploymentStatus, nowMs: number): Conditions {
  const conditions = status.conditions ?? [];
  if (deadlineMs(deployment) === undefined) return removeCondition(conditions, 'Progressing');
  const current = findCondition(conditions, 'Progressing');
  // A rollout that was finished is not reported as moving again because pods of it come and go.
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable') return conditions;
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const progressing = (good: boolean, reason: string, text: string) =>
    ({ type: 'Progressing', status: good ? 'True' : 'False', reason, message: `${subject} ${text}` }) as const;
  if (isComplete(deployment, status)) return state(conditions, progressing(true, 'NewReplicaSetAvailable', 'has successfully progressed.'), nowMs);
  if (hasProgressed(deployment.status ?? {}, status)) return restate(conditions, progressing(true, 'ReplicaSetUpdated', 'is progressing.'), nowMs);
  const deadline = deadlineAtMs(deployment, conditions);
  if (deadline === undefined || deadline > nowMs) return conditions;
  return state(conditions, progressing(false, 'ProgressDeadlineExceeded', 'has timed out progressing.'), nowMs);
}

function replicaFailure(conditions: Conditions, newest: ReplicaSet | undefined, all: readonly ReplicaSet[], nowMs: number): Conditions {
  const failures = (replicaSet: ReplicaSet) => replicaSet.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  const failure = (newest && failures(newest)) ?? all.map(failures).find((found) => found !== undefined);
  if (!failure) return removeCondition(conditions, 'ReplicaFailure');
  return state(conditions, { type: 'ReplicaFailure', status: 'True', reason: failure.reason ?? '', message: failure.message ?? '' }, nowMs);
}

/** The status during a rollout: counts, and whether it moves, is done, or is stuck. */
export function rolloutStatus(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  all: readonly ReplicaSet[],
  conditions: Conditions,
  nowMs: number,
): DeploymentStatus {
  const counted = countStatus(deployment, newest, all, conditions, nowMs);
  const progressed = progressConditions(deployment, newest, counted, nowMs);
  return { ...counted, conditions: replicaFailure(progressed, newest, all, nowMs) };
}

/** The status when the newest ReplicaSet could not be created. */
export function withCreateFailure(deployment: Deployment, status: DeploymentStatus, message: string, nowMs: number): DeploymentStatus {
  if (deadlineMs(deployment) === undefined) return status;
  const told = { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message } as const;
  const before = (status.conditions ?? []).filter((condition) => condition.reason !== 'NewReplicaSetCreated');
  const current = findCondition(deployment.status?.conditions ?? [], 'Progressing');
  return { ...status, conditions: state(current && !findCondition(before, 'Progressing') ? [...before, current] : before, told, nowMs) };
}
