import { humanAge } from '../../../../apimachinery/index.ts';
import type { Container, ContainerStatus, Pod } from '../../../schema/types.ts';
import { isPodTerminal, isSidecar } from './conditions.ts';

/** What a pod's table row says beside its name. */
export interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

/** Restarts seen so far and when the last one began. */
interface Restarts {
  readonly count: number;
  readonly lastAt: string | undefined;
}

const NO_RESTARTS: Restarts = { count: 0, lastAt: undefined };

const addRestarts = (sum: Restarts, status: ContainerStatus): Restarts => {
  const at = status.lastState?.terminated?.finishedAt;
  return { count: sum.count + (status.restartCount ?? 0), lastAt: at !== undefined && (sum.lastAt === undefined || sum.lastAt < at) ? at : sum.lastAt };
};

const terminatedText = (terminated: { readonly reason?: string; readonly signal?: number; readonly exitCode: number }): string =>
  terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`);

interface InitSummary {
  /** Left out once every init container is done. */
  readonly reason?: string;
  readonly ready: number;
  readonly restarts: Restarts;
  readonly sidecarRestarts: Restarts;
}

function initSummary(pod: Pod): InitSummary {
  const declared = new Map<string, Container>((pod.spec?.initContainers ?? []).map((container) => [container.name, container]));
  let restarts = NO_RESTARTS;
  let sidecarRestarts = NO_RESTARTS;
  let ready = 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    restarts = addRestarts(restarts, status);
    const container = declared.get(status.name);
    const sidecar = container !== undefined && isSidecar(container);
    if (sidecar) sidecarRestarts = addRestarts(sidecarRestarts, status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) ready += 1;
      continue;
    }
    const rest = { ready, restarts, sidecarRestarts };
    if (terminated) return { reason: `Init:${terminatedText(terminated)}`, ...rest };
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return { reason: `Init:${waiting.reason}`, ...rest };
    return { reason: `Init:${index}/${declared.size}`, ...rest };
  }
  return { ready, restarts, sidecarRestarts };
}

interface MainSummary {
  readonly reason?: string;
  readonly ready: number;
  readonly running: boolean;
  readonly restarts: Restarts;
}

/** The first container (in the order of the list) that has something to say gives the reason. */
function mainSummary(pod: Pod, from: Restarts): MainSummary {
  let reason: string | undefined;
  let ready = 0;
  let running = false;
  let restarts = from;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    restarts = addRestarts(restarts, status);
    const { waiting, terminated } = status.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) reason = terminatedText(terminated);
    else if (status.ready && status.state?.running) {
      running = true;
      ready += 1;
    }
  }
  return { ...(reason === undefined ? {} : { reason }), ready, running, restarts };
}

const conditionIsTrue = (pod: Pod, type: string): boolean =>
  (pod.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

/** Ready, status and restarts as `kubectl get pods` shows them. */
export function podSummary(pod: Pod, nowMs: number): PodSummary {
  const status = pod.status;
  let reason = status?.reason || status?.phase || '';
  if (status?.conditions?.some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')) reason = 'SchedulingGated';

  const init = initSummary(pod);
  let { ready, restarts } = init;
  if (init.reason !== undefined) reason = init.reason;
  if (init.reason === undefined || conditionIsTrue(pod, 'Initialized')) {
    const main = mainSummary(pod, init.sidecarRestarts);
    ready += main.ready;
    restarts = main.restarts;
    reason = main.reason ?? reason;
    if (reason === 'Completed' && main.running) reason = conditionIsTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  }
  if (pod.metadata?.deletionTimestamp) {
    if (status?.reason === 'NodeLost') reason = 'Unknown';
    else if (!isPodTerminal(pod)) reason = 'Terminating';
  }
  const total = (pod.spec?.containers?.length ?? 0) + (pod.spec?.initContainers ?? []).filter(isSidecar).length;
  return {
    ready: `${ready}/${total}`,
    status: reason,
    restarts: restarts.count > 0 && restarts.lastAt ? `${restarts.count} (${humanAge(restarts.lastAt, nowMs)} ago)` : String(restarts.count),
  };
}
