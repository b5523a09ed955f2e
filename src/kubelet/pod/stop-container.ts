import { constants } from 'node:os';
import type { Container, Pod } from '../../kinds/index.ts';
import { type ProbeTarget, runHandler } from '../probes/run-probe.ts';
import { type ContainerTrack, millisecondsOf, wakeWaiters } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface StopInput {
  readonly pod: Pod;
  readonly track: ContainerTrack;
  readonly target: ProbeTarget;
  /** Moves earlier when the pod's grace is shortened; `nudge` of the worker wakes those who wait. */
  readonly deadlineMs: () => number;
  /** Resolves when no new connection comes in. */
  readonly withdrawn: Promise<void>;
  /** Stops waiting without stopping the container: this process ends. */
  readonly signal: AbortSignal;
  readonly preStopFailed: (message: string) => void;
}

type Parts = Pick<WorkerParts, 'clock' | 'runtime' | 'exec' | 'onError'>;

const KILL_AGAIN_MS = 2_000;
const RETRY_MS = 500;

const isSignal = (name: string): name is NodeJS.Signals => name in constants.signals;

/** The signal that asks a container to end: the manifest's, PM2's, else SIGTERM. Realtime signals are not known to Node and count as SIGTERM. */
function stopSignal(pod: Pod, container: Container): NodeJS.Signals {
  const wanted = container.lifecycle?.stopSignal ?? pod.metadata.annotations?.['drover.dev/stop-signal'] ?? 'SIGTERM';
  return isSignal(wanted) ? wanted : 'SIGTERM';
}

/**
 * Out of rotation → drain → preStop → signal → grace → SIGKILL, all within one budget. Resolves once the container has ended; repeating it after a crash
 * at any point goes through the same steps again with what is left of the budget.
 */
export async function stopContainer(input: StopInput, parts: Parts): Promise<void> {
  const { track, pod } = input;
  const id = track.latest?.id;
  if (id === undefined) return;
  const running = (): boolean => track.latest?.id === id && track.latest.state === 'running' && !input.signal.aborted;
  const leftMs = (): number => input.deadlineMs() - parts.clock.now();
  await input.withdrawn;
  const killTimeoutMs = millisecondsOf(pod, 'drover.dev/kill-timeout');
  if (running())
    await within(
      track,
      parts,
      () => running() && leftMs() > 0,
      leftMs,
      quietly(parts, () => parts.runtime.drainContainer(id, drainLimitMs(leftMs(), killTimeoutMs)), id),
    );
  const hook = track.spec.lifecycle?.preStop;
  if (hook && running() && leftMs() > 0) {
    const run = hook.sleep
      ? parts.clock.sleep(Math.min(hook.sleep.seconds * 1000, leftMs()), input.signal)
      : runHandler(hook, input.target, leftMs(), parts.exec).then((failure) => {
          if (failure !== undefined) input.preStopFailed(failure);
        });
    await within(
      track,
      parts,
      () => running() && leftMs() > 0,
      leftMs,
      quietly(parts, () => run, id),
    );
  }
  const killAtMs = killTimeoutMs === undefined ? undefined : parts.clock.now() + killTimeoutMs;
  const beforeKillMs = (): number => (killAtMs === undefined ? leftMs() : killAtMs - parts.clock.now());
  if (running() && beforeKillMs() > 0) {
    await signalled(parts, id, stopSignal(pod, track.spec), running);
    while (running() && beforeKillMs() > 0) await waitForExit(track, beforeKillMs(), parts);
  }
  while (running()) {
    await signalled(parts, id, 'SIGKILL', running);
    if (running()) await waitForExit(track, KILL_AGAIN_MS, parts);
  }
}

/** Most of the budget, but the program gets time for its own end: a quarter of it, at most 5 s. PM2's apps have that time on top. */
const drainLimitMs = (budgetMs: number, killTimeoutMs: number | undefined): number =>
  Math.max(killTimeoutMs === undefined ? budgetMs - Math.min(budgetMs / 4, 5_000) : Math.max(budgetMs - killTimeoutMs, killTimeoutMs), 0);

/** Waits for `work`, but not longer than `going` says. */
async function within(track: ContainerTrack, parts: Parts, going: () => boolean, leftMs: () => number, work: Promise<void>): Promise<void> {
  let done = false;
  const finished = work.then(() => {
    done = true;
    wakeWaiters(track);
  });
  void finished;
  while (!done && going()) await waitForExit(track, leftMs(), parts);
}

async function quietly(parts: Parts, run: () => Promise<void>, id: string): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) parts.onError(error, `stopping container ${id}`);
  }
}

/** Sends a signal, again and again while the processes' owner cannot be reached. */
async function signalled(parts: Parts, id: string, signal: NodeJS.Signals, running: () => boolean): Promise<void> {
  for (let tries = 1; running(); tries += 1) {
    try {
      return await parts.runtime.signalContainer(id, signal);
    } catch (error) {
      if (tries === 1) parts.onError(error, `sending ${signal} to container ${id}`);
      await parts.clock.sleep(RETRY_MS);
    }
  }
}

/** Resolves at the container's next exit, when somebody nudges, or after `limitMs`. */
function waitForExit(track: ContainerTrack, limitMs: number, parts: Pick<WorkerParts, 'clock'>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.close();
      track.exitWaiters.delete(done);
      resolve();
    };
    const timer = parts.clock.after(Math.max(limitMs, 0), done);
    track.exitWaiters.add(done);
  });
}
