import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { ContainerTrack } from '../pod/container-track.ts';
import { isInitialized } from '../pod/decide.ts';
import { containerStatus } from './container-status.ts';

/** How a pod ended, when it has. */
export interface PodOutcome {
  readonly phase: 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
}

export interface PodStatusInput {
  /** As the API last had it; conditions of others and what is not ours is kept from its status. */
  readonly pod: Pod;
  readonly containers: readonly ContainerTrack[];
  readonly podIP: string | undefined;
  readonly hostIP: string;
  readonly prepared: boolean;
  readonly outcome: PodOutcome | undefined;
  /** Nothing will be started any more. */
  readonly over: boolean;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

/** The pod's status. Pure; equal input gives equal output, and only changes of a condition's status move its lastTransitionTime. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, containers } = input;
  const old = pod.status ?? {};
  const initialized = isInitialized({ containers });
  const known = [...(old.initContainerStatuses ?? []), ...(old.containerStatuses ?? [])];
  const podName = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const hasInit = containers.some((one) => one.role !== 'main');
  const statusOf = (one: ContainerTrack): ContainerStatus =>
    containerStatus(one, { podName, initializing: hasInit && !initialized, over: input.over, known: known.find((status) => status.name === one.name) });
  const init = containers.filter((one) => one.role !== 'main').map(statusOf);
  const mains = containers.filter((one) => one.role === 'main');
  const main = mains.map(statusOf);
  const { reason: _reason, message: _message, ...kept } = old;
  return {
    ...kept,
    ...(input.outcome?.reason ? { reason: input.outcome.reason } : {}),
    ...(input.outcome?.message ? { message: input.outcome.message } : {}),
    phase: input.outcome?.phase ?? phaseOf(mains, initialized),
    conditions: conditionsOf(input, initialized, main, init),
    containerStatuses: main,
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    hostIP: input.hostIP,
    hostIPs: [{ ip: input.hostIP }],
    ...(input.podIP ? { podIP: input.podIP, podIPs: [{ ip: input.podIP }] } : {}),
    startTime: old.startTime ?? rfc3339(input.startedAtMs),
  };
}

/** Pending until every main container has run; then Running until there is an outcome. */
const phaseOf = (mains: readonly ContainerTrack[], initialized: boolean): string =>
  initialized && mains.every((one) => one.latest !== undefined || one.lost) ? 'Running' : 'Pending';

function conditionsOf(
  input: PodStatusInput,
  initialized: boolean,
  main: readonly ContainerStatus[],
  init: readonly ContainerStatus[],
): readonly PodCondition[] {
  const old = input.pod.status?.conditions ?? [];
  const completed = input.outcome?.phase === 'Succeeded';
  const unready = [...main, ...init.filter((one) => isSidecar(input.containers, one))].filter((one) => !one.ready).map((one) => one.name);
  const gates = (input.pod.spec?.readinessGates ?? []).map((gate) => gate.conditionType);
  const missing = gates.filter((type) => old.find((one) => one.type === type)?.status !== 'True');
  const incomplete = init.filter((one) => !one.ready).map((one) => one.name);
  const notReady = completed
    ? { reason: 'PodCompleted' }
    : input.outcome
      ? { reason: 'PodFailed' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const containersReady = unready.length === 0 && input.outcome === undefined;
  const wanted: readonly PodCondition[] = [
    condition('PodReadyToStartContainers', input.prepared),
    initialized || completed
      ? { ...condition('Initialized', true), ...(completed ? { reason: 'PodCompleted' } : {}) }
      : { ...condition('Initialized', false), reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` },
    containersReady && missing.length > 0
      ? {
          ...condition('Ready', false),
          reason: 'ReadinessGatesNotReady',
          message: `the status of pod readiness gate ${missing.map((one) => `"${one}"`).join(', ')} is not "True"`,
        }
      : { ...condition('Ready', containersReady), ...(containersReady ? {} : notReady) },
    { ...condition('ContainersReady', containersReady), ...(containersReady ? {} : notReady) },
    condition('PodScheduled', true),
  ];
  const now = rfc3339(input.nowMs);
  const ours = wanted.map((one): PodCondition => {
    const before = old.find((other) => other.type === one.type);
    const lastTransitionTime = before?.status === one.status && before.lastTransitionTime ? before.lastTransitionTime : now;
    return { ...(before?.lastProbeTime === undefined ? {} : { lastProbeTime: before.lastProbeTime }), ...one, lastTransitionTime };
  });
  return [...ours, ...old.filter((one) => !wanted.some((other) => other.type === one.type))];
}

const condition = (type: string, status: boolean): PodCondition => ({ type, status: status ? 'True' : 'False' });

const isSidecar = (containers: readonly ContainerTrack[], status: ContainerStatus): boolean =>
  containers.find((one) => one.name === status.name)?.role === 'sidecar';

/** The outcome of a pod whose containers have all ended: Succeeded when every main container exited with 0. */
export function outcomeOf(containers: readonly ContainerTrack[]): PodOutcome {
  const mains = containers.filter((one) => one.role === 'main');
  const good = mains.length > 0 && mains.every((one) => one.latest?.state === 'exited' && one.latest.exitCode === 0);
  return { phase: good ? 'Succeeded' : 'Failed' };
}

/** The end that a pod's status in the API tells of; undefined while it has not ended. */
export function knownOutcome(pod: Pod): PodOutcome | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  return { phase, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}
