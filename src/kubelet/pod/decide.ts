import { isErrored, restartDelayMs } from './back-off.ts';
import type { ContainerView, PodView } from './pod-view.ts';

/** What is to be done next. Every action is marked in the view once it is begun, so that deciding again asks for nothing twice. */
export type Action =
  /** Network, volumes, sandbox. */
  | { readonly type: 'prepare' }
  | { readonly type: 'start'; readonly container: string; readonly attempt: number }
  | { readonly type: 'stop'; readonly container: string; readonly id: string; readonly why: 'terminating' | 'probe' }
  /** syncing → terminating. */
  | { readonly type: 'terminate'; readonly why: 'finished' | 'deadline' }
  /** terminating → terminated: nothing runs and nothing will. */
  | { readonly type: 'finish' };

export interface Plan {
  readonly actions: readonly Action[];
  /** When to decide again if nothing else happens. */
  readonly wakeAtMs?: number | undefined;
}

/** running: its process exists. ended: it will not run again. due: start it at the time given. */
export type Standing = { readonly is: 'running' | 'ended' | 'busy' } | { readonly is: 'due'; readonly atMs: number; readonly attempt: number };

/** What is to become of one container, by its record and restart rules alone. */
export function standingOf(container: ContainerView): Standing {
  if (container.operation !== undefined) return { is: 'busy' };
  const { latest } = container;
  const attempt = Math.max(container.attemptFloor, latest ? latest.attempt + 1 : 0);
  const notBefore = container.failure?.retryAtMs ?? 0;
  if (!latest) return { is: 'due', atMs: notBefore, attempt };
  if (latest.state === 'running') return { is: 'running' };
  if (!restarts(container)) return { is: 'ended' };
  return { is: 'due', atMs: Math.max((latest.finishedAtMs ?? 0) + restartDelayMs(container), notBefore), attempt };
}

/** Whether an exited container runs again. */
export function restarts(container: ContainerView): boolean {
  const failed = container.latest?.exitCode !== 0;
  if (container.renew) return true;
  if (container.pm2 && (!container.pm2.autorestart || isErrored(container))) return false;
  if (container.role === 'init' && !failed) return false;
  switch (container.restartPolicy) {
    case 'Always':
      return true;
    case 'OnFailure':
      return failed;
    case 'Never':
      return false;
  }
}

/** Whether an exited container that will not run again leaves the pod as it is (PM2's autorestart false, errored) instead of finishing it. */
const staysAsIs = (container: ContainerView): boolean => container.pm2 !== undefined && container.restartPolicy === 'Always';

/** Pure: what to do for a pod, given everything known about it. */
export function decide(pod: PodView, nowMs: number): Plan {
  switch (pod.state) {
    case 'syncing':
      return decideSyncing(pod, nowMs);
    case 'terminating':
      return decideTerminating(pod);
    case 'terminated':
    case 'gone':
      return { actions: [] };
  }
}

function decideSyncing(pod: PodView, nowMs: number): Plan {
  if (pod.deadlineAtMs !== undefined && pod.deadlineAtMs <= nowMs) return { actions: [{ type: 'terminate', why: 'deadline' }] };
  if (isFinished(pod)) return { actions: [{ type: 'terminate', why: 'finished' }] };
  const actions: Action[] = [];
  const wakes: number[] = pod.deadlineAtMs === undefined ? [] : [pod.deadlineAtMs];
  for (const container of pod.containers) {
    if (container.kill && container.operation === undefined && container.latest?.state === 'running')
      actions.push({ type: 'stop', container: container.name, id: container.latest.id, why: 'probe' });
  }
  if (pod.prepared === 'yes') starts(pod, nowMs, actions, wakes);
  else if (pod.prepared === 'no') {
    if ((pod.prepareRetryAtMs ?? 0) <= nowMs) actions.push({ type: 'prepare' });
    else wakes.push(pod.prepareRetryAtMs ?? 0);
  }
  return { actions, wakeAtMs: wakes.length > 0 ? Math.min(...wakes) : undefined };
}

/** Init containers one after another, each sidecar once the one before it is through, main containers together. */
function starts(pod: PodView, nowMs: number, actions: Action[], wakes: number[]): void {
  const mainBegan = isInitialized(pod);
  for (const container of pod.containers) {
    if (container.role === 'init' && mainBegan) continue;
    const standing = standingOf(container);
    if (standing.is === 'due') {
      if (standing.atMs <= nowMs) actions.push({ type: 'start', container: container.name, attempt: standing.attempt });
      else wakes.push(standing.atMs);
    }
    if (container.role === 'main' || mainBegan) continue;
    const through = container.role === 'init' ? standing.is === 'ended' : standing.is === 'running' && container.started;
    if (!through) return;
  }
}

/** Whether every init container is through; once a main container was started they never run again. */
export function isInitialized(pod: Pick<PodView, 'containers'>): boolean {
  if (pod.containers.some((one) => one.role === 'main' && (one.latest !== undefined || one.attemptFloor > 0))) return true;
  return pod.containers.every((one) => {
    if (one.role === 'main') return true;
    if (one.role === 'sidecar') return one.latest?.state === 'running' && one.started;
    return one.latest?.state === 'exited' && one.latest.exitCode === 0;
  });
}

/** Whether the pod has come to its end by itself: an init container failed for good, or every main container ended. */
function isFinished(pod: PodView): boolean {
  const mains = pod.containers.filter((one) => one.role === 'main');
  if (!isInitialized(pod)) return pod.containers.some((one) => one.role === 'init' && one.latest?.exitCode !== 0 && standingOf(one).is === 'ended');
  return mains.length > 0 && mains.every((one) => standingOf(one).is === 'ended' && !staysAsIs(one));
}

/** Main and init containers together, then sidecars one by one from the last. */
function decideTerminating(pod: PodView): Plan {
  const alive = (one: ContainerView): boolean => one.operation !== undefined || one.latest?.state === 'running';
  const stop = (one: ContainerView): Action[] =>
    one.operation === undefined && one.latest?.state === 'running' ? [{ type: 'stop', container: one.name, id: one.latest.id, why: 'terminating' }] : [];
  const first = pod.containers.filter((one) => one.role !== 'sidecar' && alive(one));
  if (first.length > 0) return { actions: first.flatMap(stop) };
  const sidecar = pod.containers.filter((one) => one.role === 'sidecar' && alive(one)).at(-1);
  if (sidecar) return { actions: stop(sidecar) };
  return { actions: pod.prepared === 'underway' ? [] : [{ type: 'finish' }] };
}
