import type { Pod } from '../../kinds/index.ts';
import type { ContainerRecord, SandboxNetwork } from '../../runtimes/index.ts';
import { errorText } from '../../std/index.ts';
import { type LogOwner, linkContainerLog, unlinkContainerLog } from '../logs/container-links.ts';
import type { ProbeTarget } from '../probes/run-probe.ts';
import { retryDelayMs } from './back-off.ts';
import { containerEvent } from './container-event.ts';
import { type ContainerTrack, takeRecord, wakeWaiters } from './container-track.ts';
import { lastWords } from './last-words.ts';
import type { PodState } from './pod-view.ts';
import { runPostStart } from './post-start.ts';
import type { Rotation } from './rotation.ts';
import { startContainer } from './start-container.ts';
import { stopContainer } from './stop-container.ts';
import { watchContainer } from './watch-container.ts';
import type { WorkerParts } from './worker-parts.ts';

/** What is done with a container depends on its pod; all of this is asked anew at each use. */
export interface ContainerHost {
  readonly uid: string;
  readonly pod: Pod;
  readonly state: PodState;
  readonly network: SandboxNetwork | undefined;
  readonly logOwner: LogOwner;
  /** When the pod's grace is over; undefined while it is not ending. */
  readonly stopAtMs: number | undefined;
  /** Called after everything that may have changed what is to be done next. */
  sync(): void;
}

/**
 * Starts, watches and stops the containers of one pod and takes in what the runtime says of them. What is under way is marked in the track before
 * anything else happens; at most one operation per container is asked for at a time.
 */
export class ContainerOperations {
  readonly #host: ContainerHost;
  readonly #parts: WorkerParts;
  readonly #rotation: Rotation;
  readonly #closing: AbortSignal;

  constructor(host: ContainerHost, parts: WorkerParts, rotation: Rotation, closing: AbortSignal) {
    this.#host = host;
    this.#parts = parts;
    this.#rotation = rotation;
    this.#closing = closing;
  }

  /** A container that was there before this process. */
  adopt(track: ContainerTrack): void {
    if (track.latest?.state === 'running') this.#watch(track);
    else if (track.latest) this.#readLastWords(track, track.latest);
  }

  /** What the runtime says of one run. */
  record(track: ContainerTrack, record: ContainerRecord): void {
    const before = track.latest;
    const meaning = takeRecord(track, record);
    if (meaning === 'ended') this.#ended(track);
    if (meaning === 'began') this.#watch(track);
    if (meaning !== 'nothing') this.#forgetOld(track, before);
    this.#host.sync();
    // After the restart has been asked for, before the status is computed.
    if (meaning === 'ended') this.#readLastWords(track, record);
  }

  async start(track: ContainerTrack, attempt: number): Promise<void> {
    const { network } = this.#host;
    if (!network) return;
    track.operation = 'start';
    const before = track.latest;
    try {
      const result = await startContainer(this.#host.pod, track, attempt, network, this.#parts);
      if ('failure' in result) track.failure = result.failure;
      else {
        track.failure = undefined;
        void this.#logLink(linkContainerLog, result.record);
        const meaning = takeRecord(track, result.record);
        this.#forgetOld(track, before);
        if (track.latest?.id === result.record.id && track.latest.state === 'running') void this.#postStart(track, result.record);
        else if (meaning === 'ended') {
          this.#ended(track);
          this.#readLastWords(track, result.record);
        }
      }
    } catch (error) {
      this.#parts.onError(error, `starting container ${track.name} of pod ${this.#host.uid}`);
      const count = (track.failure?.count ?? 0) + 1;
      track.failure = { reason: 'CreateContainerError', message: errorText(error), count, retryAtMs: this.#parts.clock.now() + retryDelayMs(count, 1_000) };
    }
    track.operation = undefined;
    this.#host.sync();
  }

  async stop(track: ContainerTrack, why: 'terminating' | 'probe'): Promise<void> {
    const record = track.latest;
    if (!record) return;
    track.operation = 'stop';
    const kill = track.kill;
    const { pod } = this.#host;
    containerEvent(this.#parts.events, pod, track, 'Normal', 'Killing', why === 'probe' && kill ? kill.message : `Stopping container ${track.name}`);
    const graceMs = (kill?.graceSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
    const ownDeadlineMs = this.#parts.clock.now() + graceMs;
    const podDeadlineMs = (): number => this.#host.stopAtMs ?? ownDeadlineMs;
    try {
      await stopContainer(
        {
          pod,
          track,
          target: this.#target(track, record),
          deadlineMs: () => (why === 'probe' ? Math.min(ownDeadlineMs, podDeadlineMs()) : podDeadlineMs()),
          withdrawn: this.#rotation.withdraw(this.#host.network),
          signal: this.#closing,
          preStopFailed: () => containerEvent(this.#parts.events, this.#host.pod, track, 'Warning', 'FailedPreStopHook', 'PreStopHook failed'),
        },
        this.#parts,
      );
    } catch (error) {
      this.#parts.onError(error, `stopping container ${record.id}`);
    }
    track.operation = undefined;
    this.#host.sync();
  }

  async #logLink(change: typeof linkContainerLog | typeof unlinkContainerLog, record: ContainerRecord): Promise<void> {
    if (!this.#parts.linkLogs) return;
    const { logOwner, uid } = this.#host;
    await change(this.#parts.home.logs, logOwner, record).catch((error: unknown) => this.#parts.onError(error, `linking a log of pod ${uid}`));
  }

  async #postStart(track: ContainerTrack, record: ContainerRecord): Promise<void> {
    const hook = track.spec.lifecycle?.postStart;
    if (!hook) return this.#watch(track);
    const current = (): boolean => track.latest?.id === record.id && track.latest.state === 'running' && !this.#closing.aborted;
    const failure = await runPostStart(hook, this.#target(track, record), this.#parts, this.#closing);
    if (!current()) return;
    if (failure === undefined) this.#watch(track);
    else {
      containerEvent(this.#parts.events, this.#host.pod, track, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`);
      track.kill = { why: 'postStart', message: 'FailedPostStartHook' };
    }
    this.#host.sync();
  }

  #target(track: ContainerTrack, record: ContainerRecord): ProbeTarget {
    return { containerId: record.id, host: this.#host.network?.ip ?? '', ports: track.spec.ports ?? [] };
  }

  #watch(track: ContainerTrack): void {
    const { network, pod } = this.#host;
    if (!network || this.#closing.aborted) return;
    void track.watcher?.close();
    track.watcher = watchContainer(pod, track, network, this.#parts, () => this.#host.sync());
  }

  #ended(track: ContainerTrack): void {
    void track.watcher?.close();
    track.watcher = undefined;
    wakeWaiters(track);
    if (this.#host.state === 'syncing') void this.#rotation.withdraw(this.#host.network);
  }

  #readLastWords(track: ContainerTrack, record: ContainerRecord): void {
    const message = lastWords(this.#host.pod, track, record, this.#parts.home.pods);
    if (message !== '') track.messages.set(record.id, message);
  }

  /** Only the newest run and the one before it are kept. */
  #forgetOld(track: ContainerTrack, before: ContainerRecord | undefined): void {
    if (!before || !track.latest || before.id === track.latest.id || track.latest.attempt < 2) return;
    const id = `${this.#host.uid}/${track.name}/${track.latest.attempt - 2}`;
    track.messages.delete(id);
    void this.#logLink(unlinkContainerLog, { ...track.latest, id });
    this.#parts.runtime.removeContainer(id, { keepLog: false }).catch((error: unknown) => this.#parts.onError(error, `forgetting container ${id}`));
  }
}
