import { isPodReady, type Pod, type ReplicaSet, type ReplicaSetCondition, type ReplicaSetStatus } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { availableAtMs, isActive, isTerminating } from '../pods/pod-facts.ts';

/** Why the wanted number of pods could not be made. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

function conditionsOf(old: readonly ReplicaSetCondition[], failure: ReplicaFailure | undefined, nowMs: number): readonly ReplicaSetCondition[] {
  const others = old.filter((condition) => condition.type !== 'ReplicaFailure');
  const current = old.find((condition) => condition.type === 'ReplicaFailure');
  if (failure === undefined) return others;
  if (current?.status === 'True' && current.reason === failure.reason && current.message === failure.message) return old;
  const since = current?.status === 'True' ? current.lastTransitionTime : undefined;
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: since ?? rfc3339(nowMs), reason: failure.reason, message: failure.message }];
}

/** The status of a ReplicaSet whose pods are `pods`, and when it will change by the passing of time alone (minReadySeconds). */
export function statusOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  nowMs: number,
): { readonly status: ReplicaSetStatus; readonly changesAtMs?: number } {
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const wantedLabels = Object.entries(replicaSet.spec?.template?.metadata?.labels ?? {});
  let [replicas, labelled, ready, available, terminating] = [0, 0, 0, 0, 0];
  let changesAtMs: number | undefined;
  for (const pod of pods) {
    if (isTerminating(pod)) terminating++;
    if (!isActive(pod)) continue;
    replicas++;
    if (wantedLabels.every(([key, value]) => pod.metadata.labels?.[key] === value)) labelled++;
    if (!isPodReady(pod)) continue;
    ready++;
    const at = availableAtMs(pod, minReadySeconds);
    if (at !== undefined && at <= nowMs) available++;
    else if (at !== undefined) changesAtMs = Math.min(changesAtMs ?? at, at);
  }
  const old = replicaSet.status;
  const conditions = conditionsOf(old?.conditions ?? [], failure, nowMs);
  const generation = replicaSet.metadata.generation;
  const status: ReplicaSetStatus = {
    replicas,
    ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    terminatingReplicas: terminating,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  return changesAtMs === undefined ? { status } : { status, changesAtMs };
}
