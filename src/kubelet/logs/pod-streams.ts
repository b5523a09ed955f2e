import { badRequest, internalError, notFound, type PodExecOptions, type PodLogOptions, type PodStreams } from '../../apimachinery/index.ts';
import type { ContainerRecord, Runtime } from '../../runtimes/index.ts';
import type { Clock } from '../../std/index.ts';
import type { ContainerTrack } from '../pod/container-track.ts';
import { restarts } from '../pod/decide.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import { readLog } from './read-log.ts';

export interface PodStreamsOptions {
  readonly find: (namespace: string, name: string) => PodWorker | undefined;
  readonly runtime: Runtime;
  readonly clock: Clock;
}

/** Logs and exec of this node's pods, with the kubelet's words when they cannot be given. */
export function podStreams({ find, runtime, clock }: PodStreamsOptions): PodStreams {
  const worker = (namespace: string, pod: string): PodWorker => {
    const found = find(namespace, pod);
    if (!found) throw notFound({ group: '', resource: 'pods' }, pod);
    return found;
  };
  return {
    async logs(namespace, pod, options, signal) {
      const track = chosen(worker(namespace, pod), pod, options.container);
      const record = wantedRun(track, pod, options);
      const current = (): ContainerRecord | undefined => (track.latest?.id === record.id ? track.latest : undefined);
      return readLog({
        path: record.logPath,
        timestamps: options.timestamps === true,
        sinceMs: sinceOf(options, clock.now()),
        stream: options.stream === 'Stdout' ? 'stdout' : options.stream === 'Stderr' ? 'stderr' : undefined,
        tailLines: options.tailLines,
        limitBytes: options.limitBytes,
        follow: options.follow === true && options.previous !== true,
        running: () => current()?.state === 'running',
        clock,
        signal,
      });
    },
    exec(namespace, pod, options, streams, signal) {
      return execIn(worker(namespace, pod), pod, options, (id) => runtime.exec(id, options.command, { tty: options.tty, streams, signal }));
    },
  };
}

async function execIn<T>(worker: PodWorker, pod: string, options: PodExecOptions, run: (id: string) => Promise<T>): Promise<T> {
  const phase = worker.state === 'terminated' || worker.state === 'gone' ? (worker.pod.status?.phase ?? 'Succeeded') : undefined;
  if (phase !== undefined) throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const track = chosen(worker, pod, options.container);
  if (track.latest?.state !== 'running') throw internalError(`container not found ("${track.name}")`);
  return run(track.latest.id);
}

function chosen(worker: PodWorker, pod: string, name: string | undefined): ContainerTrack {
  const mains = worker.tracks.filter((one) => one.role === 'main');
  if (name === undefined || name === '') {
    const [only] = mains;
    if (mains.length === 1 && only) return only;
    const inits = worker.tracks.filter((one) => one.role !== 'main').map((one) => one.name);
    const others = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : '';
    throw badRequest(`a container name must be specified for pod ${pod}, choose one of: [${mains.map((one) => one.name).join(' ')}]${others}`);
  }
  const found = worker.tracks.find((one) => one.name === name);
  if (!found) throw badRequest(`container ${name} is not valid for pod ${pod}`);
  return found;
}

function wantedRun(track: ContainerTrack, pod: string, options: PodLogOptions): ContainerRecord {
  if (options.previous) {
    // While the next start is held back, the run that ended last is the previous one, as its status shows.
    const run = track.latest?.state === 'exited' && restarts(track) ? track.latest : track.previous;
    if (!run) throw badRequest(`previous terminated container "${track.name}" in pod "${pod}" not found`);
    return run;
  }
  if (track.latest) return track.latest;
  const reason = track.failure?.reason;
  if (reason === 'ErrImagePull') throw badRequest(`container "${track.name}" in pod "${pod}" is waiting to start: image can't be pulled`);
  if (reason === 'ImagePullBackOff') throw badRequest(`container "${track.name}" in pod "${pod}" is waiting to start: trying and failing to pull image`);
  throw badRequest(
    `container "${track.name}" in pod "${pod}" is waiting to start: ${reason ?? (track.role === 'main' ? 'ContainerCreating' : 'PodInitializing')}`,
  );
}

function sinceOf(options: PodLogOptions, nowMs: number): number | undefined {
  if (options.sinceSeconds !== undefined) return nowMs - options.sinceSeconds * 1000;
  return options.sinceTime === undefined ? undefined : Date.parse(options.sinceTime);
}
