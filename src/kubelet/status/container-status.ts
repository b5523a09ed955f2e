import type { ContainerState, ContainerStateTerminated, ContainerStatus } from '../../kinds/index.ts';
import type { ContainerRecord } from '../../runtimes/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { goDuration, isErrored, restartDelayMs } from '../pod/back-off.ts';
import { type ContainerTrack, containerId } from '../pod/container-track.ts';
import { standingOf } from '../pod/decide.ts';

export interface ContainerStatusInput {
  /** name_namespace(uid) */
  readonly podName: string;
  /** The pod has init containers that are not through. */
  readonly initializing: boolean;
  /** The pod will start nothing any more. */
  readonly over: boolean;
  readonly known: ContainerStatus | undefined;
}

/** The status of one container. */
export function containerStatus(one: ContainerTrack, input: ContainerStatusInput): ContainerStatus {
  const lastState = lastStateOf(one, input);
  const running = one.latest?.state === 'running';
  return {
    ...(one.latest ? { containerID: containerId(one.latest) } : {}),
    image: one.spec.image ?? '',
    imageID: one.imageId,
    lastState,
    name: one.name,
    ready: one.role === 'init' ? one.latest?.state === 'exited' && one.latest.exitCode === 0 : running && one.ready,
    restartCount: one.latest ? one.latest.attempt : Math.max(one.attemptFloor - 1, 0),
    started: running && one.started,
    state: stateOf(one, input),
  };
}

function stateOf(one: ContainerTrack, input: ContainerStatusInput): ContainerState {
  const { latest } = one;
  if (latest?.state === 'running') return { running: { startedAt: rfc3339(latest.startedAtMs) } };
  if (!latest) {
    if (input.over && one.lost) return { terminated: UNKNOWN_END };
    return { waiting: waitingOf(one, input) };
  }
  return isWaiting(one, input) ? { waiting: waitingOf(one, input) } : { terminated: terminated(latest, one) };
}

/** An exited container shows as waiting while something holds its next start back. */
function isWaiting(one: ContainerTrack, input: ContainerStatusInput): boolean {
  if (input.over) return false;
  if (isErrored(one) && one.restartPolicy === 'Always') return true;
  return one.failure !== undefined || (standingOf(one).is === 'due' && restartDelayMs(one) > 0);
}

function waitingOf(one: ContainerTrack, input: ContainerStatusInput): { readonly reason: string; readonly message?: string } {
  if (one.failure) return { reason: one.failure.reason, message: one.failure.message };
  if (one.latest && isErrored(one)) {
    return {
      reason: 'Errored',
      message: `${one.pm2?.unstable ?? 0} runs in a row were shorter than ${one.pm2?.minUptimeMs ?? 0} ms: it is not started again by itself`,
    };
  }
  if (one.latest)
    return { reason: 'CrashLoopBackOff', message: `back-off ${goDuration(restartDelayMs(one))} restarting failed container=${one.name} pod=${input.podName}` };
  return { reason: one.role !== 'main' || input.initializing ? 'PodInitializing' : 'ContainerCreating' };
}

function lastStateOf(one: ContainerTrack, input: ContainerStatusInput): ContainerState {
  const { latest, previous } = one;
  if (latest?.state === 'exited' && isWaiting(one, input)) return { terminated: terminated(latest, one) };
  if (previous) return { terminated: terminated(previous, one) };
  if (one.lost) return input.over ? {} : { terminated: UNKNOWN_END };
  if (latest && latest.attempt === 0) return {};
  return input.known?.lastState ?? {};
}

/** A run whose record is gone. */
const UNKNOWN_END: ContainerStateTerminated = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located: its record is gone',
};

/** A run that ended, in the API's words. */
function terminated(record: ContainerRecord, one: Pick<ContainerTrack, 'messages'>): ContainerStateTerminated {
  const exitCode = record.exitCode ?? 255;
  const reason = record.reason === 'Unknown' ? 'ContainerStatusUnknown' : (record.reason ?? (exitCode === 0 ? 'Completed' : 'Error'));
  const message = one.messages.get(record.id) ?? record.message;
  return {
    containerID: containerId(record),
    exitCode,
    finishedAt: rfc3339(record.finishedAtMs ?? record.startedAtMs),
    ...(message ? { message } : {}),
    reason,
    ...(record.signal !== undefined && exitCode > 128 ? { signal: exitCode - 128 } : {}),
    startedAt: rfc3339(record.startedAtMs),
  };
}
