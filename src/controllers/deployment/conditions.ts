import { findCondition, removeCondition } from '../../apimachinery/index.ts';
import type { Deployment, DeploymentCondition } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { timeMs } from '../pods/pod-facts.ts';

export type Conditions = readonly DeploymentCondition[];

/** A deadline of this many seconds means none. */
const NO_DEADLINE = 2_147_483_647;

/** The deadline in milliseconds, or undefined when the Deployment has none. */
export function deadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds >= NO_DEADLINE ? undefined : seconds * 1000;
}

interface Told {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Replaces the condition of that type, whatever it said. The time of transition stays when the status does. */
export function restate(conditions: Conditions, told: Told, nowMs: number): Conditions {
  const current = findCondition(conditions, told.type);
  const now = rfc3339(nowMs);
  const since = current?.status === told.status ? (current.lastTransitionTime ?? now) : now;
  return [...removeCondition(conditions, told.type), { ...told, lastUpdateTime: now, lastTransitionTime: since }];
}

/** Like `restate`, but leaves a condition of the same status and reason alone, so that times tell when something last changed. */
export function state(conditions: Conditions, told: Told, nowMs: number): Conditions {
  const current = findCondition(conditions, told.type);
  return current?.status === told.status && current.reason === told.reason ? conditions : restate(conditions, told, nowMs);
}

/** Pausing stops the clock of the progress deadline, resuming starts it anew. */
export function pausedConditions(deployment: Deployment, nowMs: number): Conditions {
  const conditions = deployment.status?.conditions ?? [];
  const progressing = findCondition(conditions, 'Progressing');
  if (deadlineMs(deployment) === undefined || progressing?.reason === 'ProgressDeadlineExceeded') return conditions;
  const told = progressing?.reason === 'DeploymentPaused';
  const paused = deployment.spec?.paused === true;
  if (paused === told) return conditions;
  const [reason, message] = paused ? ['DeploymentPaused', 'Deployment is paused'] : ['DeploymentResumed', 'Deployment is resumed'];
  return restate(conditions, { type: 'Progressing', status: 'Unknown', reason: reason!, message: message! }, nowMs);
}

/** When the progress deadline runs out, or undefined when it is not running. */
export function deadlineAtMs(deployment: Deployment, conditions: Conditions): number | undefined {
  const deadline = deadlineMs(deployment);
  const progressing = findCondition(conditions, 'Progressing');
  if (deadline === undefined || progressing === undefined || deployment.spec?.paused) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable' || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
  const since = timeMs(progressing.lastUpdateTime);
  return since === undefined ? undefined : since + deadline;
}
