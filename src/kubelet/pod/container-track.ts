import type { Container, ContainerStatus, Pod, PodSpec } from '../../kinds/index.ts';
import type { ContainerRecord } from '../../runtimes/index.ts';
import type { Closable } from '../../std/index.ts';
import { nextStreak, nextUnstable } from './back-off.ts';
import type { ContainerRole, ContainerView, KillRequest, Pm2Restarts, StartFailure } from './pod-view.ts';

/** A container's view as its worker keeps it: the same fields, changeable, and what only the worker needs. */
export interface ContainerTrack extends ContainerView {
  spec: Container;
  renew: boolean;
  latest: ContainerRecord | undefined;
  /** The run before `latest`; its log is `--previous`. */
  previous: ContainerRecord | undefined;
  attemptFloor: number;
  operation: 'start' | 'stop' | undefined;
  failure: StartFailure | undefined;
  streak: number;
  pm2: Pm2Restarts | undefined;
  started: boolean;
  ready: boolean;
  kill: KillRequest | undefined;
  /** What the last start resolved the image to. */
  imageId: string;
  /** Last words of ended runs by container id: termination message files. */
  readonly messages: Map<string, string>;
  /** A run that the API knew of and the runtime no longer does. */
  lost: boolean;
  watcher: Closable | undefined;
  /** Called at the next exit. */
  readonly exitWaiters: Set<() => void>;
  /** When the Back-off event was last written for this attempt. */
  backOffAnnounced: number | undefined;
}

const role = (container: Container, init: boolean): ContainerRole => (init ? (container.restartPolicy === 'Always' ? 'sidecar' : 'init') : 'main');

function restartPolicyOf(container: Container, kind: ContainerRole, spec: PodSpec): 'Always' | 'OnFailure' | 'Never' {
  if (kind === 'sidecar') return 'Always';
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  if (kind === 'init') return policy === 'Never' ? 'Never' : 'OnFailure';
  return policy === 'Never' || policy === 'OnFailure' ? policy : 'Always';
}

/** Tracks for every container of a pod in start order, filled from what the runtime has and what the API knew of lost runs. */
export function makeTracks(pod: Pod, records: readonly ContainerRecord[]): readonly ContainerTrack[] {
  const spec = pod.spec ?? { containers: [] };
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const listed = [...(spec.initContainers ?? []).map((one) => [one, true] as const), ...spec.containers.map((one) => [one, false] as const)];
  return listed.map(([container, init]) => {
    const kind = role(container, init);
    const runs = records.filter((one) => one.name === container.name).sort((a, b) => a.attempt - b.attempt);
    return track(
      container,
      kind,
      restartPolicyOf(container, kind, spec),
      pm2Of(pod),
      runs,
      statuses.find((one) => one.name === container.name),
    );
  });
}

function track(
  spec: Container,
  kind: ContainerRole,
  restartPolicy: 'Always' | 'OnFailure' | 'Never',
  pm2: Pm2Restarts | undefined,
  runs: readonly ContainerRecord[],
  known: ContainerStatus | undefined,
): ContainerTrack {
  const latest = runs.at(-1);
  const knownRuns = known?.containerID ? known.restartCount + 1 : 0;
  const adopted = latest?.state === 'running' && known?.containerID === containerId(latest);
  const base: ContainerTrack = {
    name: spec.name,
    role: kind,
    spec,
    renew: false,
    restartPolicy,
    latest,
    previous: runs.at(-2),
    attemptFloor: knownRuns,
    operation: undefined,
    failure: undefined,
    streak: latest?.attempt ?? 0,
    pm2: pm2 && latest ? { ...pm2, unstable: unstableFrom(known, latest, pm2) } : pm2,
    // A run that this process did not start: without a probe it counts as started, with one the API's word is kept until the probe speaks.
    started: adopted ? known?.started === true : latest?.state === 'running' && spec.startupProbe === undefined,
    ready: adopted && known?.ready === true,
    kill: undefined,
    imageId: known?.imageID ?? '',
    messages: new Map(),
    lost: latest === undefined && knownRuns > 0,
    watcher: undefined,
    exitWaiters: new Set(),
    backOffAnnounced: undefined,
  };
  if (latest?.state === 'exited') noteExit(base, latest);
  return base;
}

/** Counts the end of a run. */
function noteExit(one: ContainerTrack, record: ContainerRecord): void {
  const ranMs = (record.finishedAtMs ?? record.startedAtMs) - record.startedAtMs;
  one.streak = nextStreak(one.streak, ranMs);
  if (one.pm2) one.pm2 = { ...one.pm2, unstable: nextUnstable(one.pm2, ranMs) };
}

/** After a restart of this process the number of short runs is taken to be the number of runs, but for one more chance. */
function unstableFrom(known: ContainerStatus | undefined, latest: ContainerRecord, pm2: Pm2Restarts): number {
  if (known?.state?.waiting?.reason === 'Errored') return Math.max(pm2.maxRestarts - 1, latest.attempt);
  return Math.min(latest.attempt, Math.max(pm2.maxRestarts - 2, 0));
}

/** Takes in what the runtime says of one run. Returns what it meant: an end, a new run, or nothing new. */
export function takeRecord(one: ContainerTrack, record: ContainerRecord): 'ended' | 'began' | 'nothing' {
  const { latest } = one;
  if (latest && record.attempt < latest.attempt) return 'nothing';
  if (latest && record.attempt === latest.attempt) {
    if (latest.state === 'exited' || record.state === 'running') return 'nothing';
    one.latest = record;
  } else {
    one.previous = latest;
    one.latest = record;
    one.lost = false;
    one.renew = false;
    one.backOffAnnounced = undefined;
    if (record.state === 'running') return 'began';
  }
  one.started = false;
  one.ready = false;
  one.kill = undefined;
  noteExit(one, record);
  return 'ended';
}

/**
 * Takes over changed definitions. Kubernetes lets a pod's images be changed: the container then ends and starts again with the new one at once,
 * whatever its restart policy and however often it failed before.
 */
export function redefine(tracks: readonly ContainerTrack[], pod: Pod): void {
  const specs = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  for (const one of tracks) {
    const spec = specs.find((each) => each.name === one.name);
    if (spec) redefineOne(one, spec);
  }
}

function redefineOne(one: ContainerTrack, spec: Container): void {
  const changed = spec.image !== one.spec.image;
  one.spec = spec;
  if (!changed) return;
  one.failure = undefined;
  one.streak = 0;
  if (one.pm2) one.pm2 = { ...one.pm2, unstable: 0 };
  if (!one.latest || one.role === 'init') return;
  one.renew = true;
  if (one.latest.state === 'running') one.kill = { why: 'changed', message: `Container ${one.name} definition changed, will be restarted` };
}

/** Lets those who wait for an end of this container look again. */
export function wakeWaiters(one: Pick<ContainerTrack, 'exitWaiters'>): void {
  for (const wake of one.exitWaiters) wake();
}

/** `drover://<id>`, as statuses show it. */
export const containerId = (record: Pick<ContainerRecord, 'id'>): string => `drover://${record.id}`;

export const EXEC_MODE = 'drover.dev/exec-mode';

/** Milliseconds from an annotation; undefined when it is not there or no number. */
export function millisecondsOf(pod: Pod, annotation: string): number | undefined {
  const text = pod.metadata.annotations?.[annotation];
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** PM2's restart rules with its defaults (1 s, 16 restarts), for pods that were started in PM2's words. */
function pm2Of(pod: Pod): Pm2Restarts | undefined {
  const annotations = pod.metadata.annotations;
  if (annotations?.[EXEC_MODE] === undefined) return undefined;
  return {
    autorestart: annotations['drover.dev/autorestart'] !== 'false',
    minUptimeMs: millisecondsOf(pod, 'drover.dev/min-uptime') ?? 1_000,
    maxRestarts: millisecondsOf(pod, 'drover.dev/max-restarts') ?? 16,
    unstable: 0,
  };
}
