import type { ContainerStatus, Pod } from '../../kinds/index.ts';

/** A replica's state in PM2's words. */
export type ReplicaState = 'online' | 'launching' | 'stopping' | 'stopped' | 'errored' | 'pending';

/** Why a pod is not ready; `final` when waiting longer is not expected to help. */
export interface PodProblem {
  readonly reason: string;
  readonly message: string;
  readonly final: boolean;
  /** The container it is about, and whether the log to read is that of its previous run. */
  readonly container?: string;
  readonly previous?: boolean;
}

const FINAL_WAITS = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'errored',
  'Errored',
]);

const statuses = (pod: Pod): readonly ContainerStatus[] => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];

export const isReady = (pod: Pod): boolean => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

export const restartsOf = (pod: Pod): number => (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

/** Ended by itself with success, and not to be started again (PM2's autorestart: false). */
export const hasEndedWell = (pod: Pod): boolean =>
  !restarts(pod) &&
  (pod.status?.containerStatuses ?? []).length > 0 &&
  (pod.status?.containerStatuses ?? []).every(({ state }) => state?.terminated?.exitCode === 0);

const restarts = (pod: Pod): boolean => pod.metadata.annotations?.['drover.dev/autorestart'] !== 'false';

export function replicaState(pod: Pod): ReplicaState {
  if (pod.metadata.deletionTimestamp) return 'stopping';
  if (pod.status?.phase === 'Succeeded') return 'stopped';
  if (pod.status?.phase === 'Failed') return 'errored';
  if (isReady(pod)) return 'online';
  if (hasEndedWell(pod)) return 'stopped';
  if (!restarts(pod) && pod.status?.containerStatuses?.some(({ state }) => state?.terminated)) return 'errored';
  if (statuses(pod).some(({ state }) => FINAL_WAITS.has(state?.waiting?.reason ?? ''))) return 'errored';
  return pod.status?.containerStatuses?.some(({ state }) => state?.running) ? 'launching' : 'pending';
}

/** What keeps a pod from being ready, the most telling thing first; undefined when it is ready or simply on its way. */
export function podProblem(pod: Pod): PodProblem | undefined {
  if (isReady(pod) || pod.metadata.deletionTimestamp || hasEndedWell(pod)) return undefined;
  for (const status of statuses(pod)) {
    const { waiting, terminated } = status.state ?? {};
    const last = terminated ?? status.lastState?.terminated;
    const died = last && (last.exitCode !== 0 || waiting?.reason === 'CrashLoopBackOff');
    const how = last ? `${exitText(last.exitCode, last.reason)}${last.message ? `: ${last.message.trim()}` : ''}` : '';
    if (waiting && FINAL_WAITS.has(waiting.reason ?? '')) {
      const message = died ? `${how}; ${waiting.message ?? waiting.reason}` : (waiting.message ?? '');
      // The first restart is immediate and may well succeed (a database that was not up yet): one failure alone is not final.
      const final = waiting.reason !== 'CrashLoopBackOff' || status.restartCount >= 1;
      return { reason: waiting.reason ?? '', message, final, container: status.name, previous: died === true };
    }
    if (terminated && terminated.exitCode !== 0)
      return { reason: terminated.reason ?? 'Error', message: how, final: status.restartCount >= 2 || !restarts(pod), container: status.name };
    if (died && status.restartCount >= 2)
      return {
        reason: last.reason ?? 'Error',
        message: `${how}; restarted ${status.restartCount} times`,
        final: true,
        container: status.name,
        previous: !status.state?.terminated,
      };
  }
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) return { reason: unscheduled.reason ?? 'Unschedulable', message: unscheduled.message ?? '', final: false };
  if (pod.status?.phase === 'Failed') return { reason: pod.status.reason ?? 'Failed', message: pod.status.message ?? '', final: true };
  const waiting = statuses(pod).find(({ state }) => state?.waiting?.message)?.state?.waiting;
  if (waiting) return { reason: waiting.reason ?? 'Waiting', message: waiting.message ?? '', final: false };
  const unready = statuses(pod).find(({ ready, state }) => !ready && state?.running);
  return unready ? { reason: 'NotReady', message: `container ${unready.name} runs but is not ready yet`, final: false, container: unready.name } : undefined;
}

const exitText = (exitCode: number, reason: string | undefined): string =>
  reason === 'OOMKilled' ? 'killed because it ran out of memory' : exitCode > 128 ? `ended by signal ${exitCode - 128}` : `exited with code ${exitCode}`;
