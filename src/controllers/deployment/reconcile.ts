import { findCondition } from '../../apimachinery/index.ts';
import type { ReplicaSet } from '../../kinds/index.ts';
import { type Conditions, deadlineAtMs, deadlineMs, pausedConditions, restate, state } from './conditions.ts';
import { isRolling } from './fenceposts.ts';
import { trimHistory } from './history.ts';
import { ensureNewest, splitByTemplate } from './new-replica-set.ts';
import { afterWrites, type DeploymentPlan, type DeploymentSeen, type DeploymentWrite } from './plan.ts';
import { recreateStep } from './recreate.ts';
import { rollingStep } from './rolling.ts';
import { isScaled, scale } from './scale.ts';
import { countStatus, isComplete, rolloutStatus } from './status.ts';

/** What the steps work on: the ReplicaSet of the present template and the older ones, oldest first. */
interface Stage {
  readonly seen: DeploymentSeen;
  readonly newest: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** A step's writes, and whether the status is that of a rollout or only counted. */
interface Step {
  readonly writes: readonly DeploymentWrite[];
  readonly status: 'rollout' | 'counted';
}

/** The first step that answers is the plan. Whoever wants a say before the rollout (a rollback, a hold) is one more entry. */
type StepRule = (stage: Stage) => Step | undefined;

const whenDeleted: StepRule = ({ seen }) => (seen.deployment.metadata.deletionTimestamp === undefined ? undefined : { writes: [], status: 'counted' });

/** Annotations and revision follow the template also while paused or scaling. A write here ends the plan: the next one builds on its result. */
const whenOutOfStep: StepRule = ({ seen, newest, old }) => {
  const { deployment } = seen;
  const create = isRolling(deployment) && !deployment.spec?.paused && !isScaled(deployment, seen.replicaSets);
  const writes = ensureNewest(deployment, newest, old, create ? 'create' : 'leave');
  return writes.length > 0 ? { writes, status: deployment.spec?.paused ? 'counted' : 'rollout' } : undefined;
};

const whenPaused: StepRule = ({ seen, newest, old }) =>
  seen.deployment.spec?.paused ? { writes: [...scale(seen.deployment, newest, old), ...trimHistory(seen.deployment, old)], status: 'counted' } : undefined;

const whenScaled: StepRule = ({ seen, newest, old }) => {
  if (!isScaled(seen.deployment, seen.replicaSets)) return undefined;
  const writes = scale(seen.deployment, newest, old);
  return writes.length > 0 ? { writes, status: 'counted' } : undefined;
};

const rollOut: StepRule = ({ seen, newest, old }) => {
  const { deployment } = seen;
  if (!isRolling(deployment)) return { writes: recreateStep(seen, newest, old), status: 'rollout' };
  return { writes: newest ? rollingStep(deployment, newest, old) : [], status: 'rollout' };
};

const STEPS: readonly StepRule[] = [whenDeleted, whenOutOfStep, whenPaused, whenScaled, rollOut];

/** Says once that a ReplicaSet was made, or was found when the Deployment knows of none. */
function noteNewest(stage: Stage, writes: readonly DeploymentWrite[], conditions: Conditions, nowMs: number): Conditions {
  const { deployment } = stage.seen;
  if (deadlineMs(deployment) === undefined || deployment.spec?.paused) return conditions;
  const created = writes.find((write) => write.type === 'create');
  if (created) {
    const message = `Created new replica set "${created.replicaSet.metadata.name}"`;
    return restate(conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message }, nowMs);
  }
  if (!stage.newest || findCondition(conditions, 'Progressing')) return conditions;
  const message = `Found new replica set "${stage.newest.metadata.name}"`;
  return state(conditions, { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message }, nowMs);
}

/**
 * Decides the next step of a Deployment. Never goes above replicas + maxSurge, never takes an available pod below replicas - maxUnavailable;
 * made again after any of its writes, or after a crash between them, it goes on from there.
 */
export function reconcile(seen: DeploymentSeen, nowMs: number): DeploymentPlan {
  const { deployment } = seen;
  const stage = { seen, ...splitByTemplate(deployment, seen.replicaSets) };
  const step = STEPS.map((rule) => rule(stage)).find((answer) => answer !== undefined)!;
  const after = afterWrites(seen.replicaSets, step.writes);
  const { newest, old } = splitByTemplate(deployment, after);
  const conditions = deployment.metadata.deletionTimestamp
    ? (deployment.status?.conditions ?? [])
    : noteNewest(stage, step.writes, pausedConditions(deployment, nowMs), nowMs);
  const status = (step.status === 'rollout' ? rolloutStatus : countStatus)(deployment, newest, after, conditions, nowMs);
  const done = step.status === 'rollout' && step.writes.length === 0 && isComplete(deployment, status);
  const writes = done ? trimHistory(deployment, old) : step.writes;
  const changesAtMs = deadlineAtMs(deployment, status.conditions ?? []);
  return { writes, status, ...(changesAtMs === undefined ? {} : { changesAtMs }) };
}
