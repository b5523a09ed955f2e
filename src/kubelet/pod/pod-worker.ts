import type { Pod, PodStatus } from '../../kinds/index.ts';
import type { ContainerRecord, SandboxNetwork } from '../../runtimes/index.ts';
import type { Timer } from '../../std/index.ts';
import type { LogOwner } from '../logs/container-links.ts';
import { knownOutcome, outcomeOf, type PodOutcome, podStatus } from '../status/pod-status.ts';
import type { StatusSource } from '../status/status-writer.ts';
import { retryDelayMs } from './back-off.ts';
import { announceBackOff } from './container-event.ts';
import { type ContainerHost, ContainerOperations } from './container-operations.ts';
import { type ContainerTrack, makeTracks, redefine, wakeWaiters } from './container-track.ts';
import { type Action, decide } from './decide.ts';
import type { PodState, PodView } from './pod-view.ts';
import { preparePod } from './prepare-pod.ts';
import { removePod } from './remove-pod.ts';
import { Rotation } from './rotation.ts';
import { podGraceMs } from './termination.ts';
import type { WorkerParts } from './worker-parts.ts';

/**
 * Everything about one pod on this node. Contract:
 * - States only go forward. The newest pod from the API wins; a spec change that Kubernetes forbids is never seen.
 * - `decide` says what to do; it is asked after every event, never on a schedule, and what it asked for is marked before anything else happens, so
 *   there is at most one operation per container and one preparation per pod at a time.
 * - Nothing that this process forgets or fails at ends a running container: only `decide` does, for the reasons of Kubernetes.
 *
 *                  update          deleted, gone from API    finished, deadline   nothing runs        removed
 *   syncing        decide again    → terminating             → terminating        -                   -
 *   terminating    shorter grace   (deleting is noted)       -                    → terminated        -
 *   terminated     -               remove records and object -                    -                   → gone
 *   gone           -               -                         -                    -                   -
 */
export class PodWorker implements StatusSource, ContainerHost {
  readonly uid: string;
  /** Resolves when nothing of the pod is left on this machine. */
  readonly gone: Promise<void>;
  #resolveGone: () => void = () => undefined;
  readonly #parts: WorkerParts;
  readonly #closing = new AbortController();
  #pod: Pod;
  #state: PodState = 'syncing';
  #tracks: readonly ContainerTrack[];
  #prepared: 'no' | 'underway' | 'yes' = 'no';
  #prepareFailures = 0;
  #prepareRetryAtMs: number | undefined;
  #network: SandboxNetwork | undefined;
  #outcome: PodOutcome | undefined;
  #deleting = false;
  #goneFromApi = false;
  #removing = false;
  #stopAtMs: number | undefined;
  readonly #rotation: Rotation;
  readonly #containers: ContainerOperations;
  #wake: Timer | undefined;
  readonly #startedAtMs: number;
  /** Its sandbox was there before this process. */
  readonly #adopted: boolean;
  /** A pod that had ended before this process began: its status is history. */
  readonly #statusIsFinal: boolean;

  constructor(pod: Pod, parts: WorkerParts, known: { readonly records: readonly ContainerRecord[]; readonly network: SandboxNetwork | undefined }) {
    this.uid = pod.metadata.uid ?? '';
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#pod = pod;
    this.#parts = parts;
    this.#rotation = new Rotation(parts);
    this.#containers = new ContainerOperations(this, parts, this.#rotation, this.#closing.signal);
    this.#network = known.network;
    this.#adopted = known.network !== undefined;
    this.#tracks = makeTracks(pod, known.records);
    const started = pod.status?.startTime;
    this.#startedAtMs = started ? Date.parse(started) : parts.clock.now();
    this.#outcome = knownOutcome(pod);
    this.#statusIsFinal = this.#outcome !== undefined;
    if (this.#outcome) {
      this.#state = 'terminating';
      this.#stopAtMs = parts.clock.now() + podGraceMs(pod, parts.clock.now());
    }
    for (const track of this.#tracks) this.#containers.adopt(track);
  }

  get pod(): Pod {
    return this.#pod;
  }
  get state(): PodState {
    return this.#state;
  }
  get tracks(): readonly ContainerTrack[] {
    return this.#tracks;
  }
  get logOwner(): LogOwner {
    return { namespace: this.#pod.metadata.namespace ?? '', pod: this.#pod.metadata.name ?? '' };
  }
  get network(): SandboxNetwork | undefined {
    return this.#network;
  }
  get stopAtMs(): number | undefined {
    return this.#stopAtMs;
  }

  /** The newest pod from the API. */
  update(pod: Pod): void {
    if (pod.spec !== this.#pod.spec) redefine(this.#tracks, pod);
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) this.#terminateForDeletion();
    else if (this.#state === 'syncing' && knownOutcome(pod)) {
      // Somebody else has ended it: an eviction, for instance.
      this.#outcome = knownOutcome(pod);
      this.#terminate(podGraceMs(pod, this.#parts.clock.now()));
    }
    this.sync();
  }

  /** The API does not have this pod any more. */
  forgotten(pod: Pod): void {
    this.#pod = pod;
    this.#goneFromApi = true;
    this.#terminateForDeletion();
    this.sync();
  }

  /** What the runtime says of a container of this pod. */
  record(record: ContainerRecord): void {
    const track = this.#tracks.find((one) => one.name === record.name);
    if (track) this.#containers.record(track, record);
  }

  /** The runtime does not know this run any more: it ended unseen. */
  lost(id: string, nowMs: number): void {
    const latest = this.#tracks.find((one) => one.latest?.id === id)?.latest;
    if (latest?.state === 'running') this.record({ ...latest, state: 'exited', exitCode: 255, reason: 'Unknown', finishedAtMs: nowMs });
  }

  /** Something that a waiting start may depend on has changed: try again now. */
  retryNow(reasons: readonly string[]): void {
    let any = false;
    for (const track of this.#tracks) {
      if (!track.failure || !reasons.includes(track.failure.reason)) continue;
      track.failure = { ...track.failure, retryAtMs: this.#parts.clock.now() };
      any = true;
    }
    if (this.#prepareRetryAtMs !== undefined && reasons.includes('FailedMount')) {
      this.#prepareRetryAtMs = this.#parts.clock.now();
      any = true;
    }
    if (any) this.sync();
  }

  /** Decides and begins what was decided; the rest comes back as events. */
  sync(): void {
    if (this.#closing.signal.aborted) return;
    for (;;) {
      const before = this.#state;
      const plan = decide(this.#view(), this.#parts.clock.now());
      for (const action of plan.actions) this.#begin(action);
      this.#wake?.close();
      this.#wake = plan.wakeAtMs === undefined ? undefined : this.#parts.clock.after(Math.max(plan.wakeAtMs - this.#parts.clock.now(), 0), () => this.sync());
      if (this.#state === before) break;
    }
    if (this.#state === 'terminated' && this.#deleting) this.#remove();
    if (this.#state === 'syncing') {
      announceBackOff(this.#pod, this.#tracks, this.#parts);
      this.#rotation.admitWhenReady(this.#network, this.#tracks);
    }
    this.#parts.status.note(this);
  }

  status(base: Pod): PodStatus | undefined {
    if (this.#goneFromApi || this.#state === 'gone' || this.#statusIsFinal) return undefined;
    const over = this.#state === 'terminated';
    return podStatus({
      pod: base,
      containers: this.#tracks,
      podIP: this.#network?.ip,
      hostIP: this.#parts.nodeAddress,
      prepared: (this.#prepared === 'yes' || this.#adopted) && !over,
      outcome: over ? this.#outcome : undefined,
      over,
      startedAtMs: this.#startedAtMs,
      nowMs: this.#parts.clock.now(),
    });
  }

  /** Stops deciding. Everything goes on running. */
  close(): void {
    this.#closing.abort();
    this.#wake?.close();
    for (const track of this.#tracks) {
      void track.watcher?.close();
      wakeWaiters(track);
    }
  }

  #view(): PodView {
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    return {
      state: this.#state,
      prepared: this.#prepared,
      prepareRetryAtMs: this.#prepareRetryAtMs,
      deadlineAtMs: seconds === undefined ? undefined : this.#startedAtMs + seconds * 1000,
      containers: this.#tracks,
      deleting: this.#deleting,
    };
  }

  #begin(action: Action): void {
    switch (action.type) {
      case 'prepare':
        void this.#prepare();
        break;
      case 'start':
        void this.#containers.start(this.#track(action.container), action.attempt);
        break;
      case 'stop':
        void this.#containers.stop(this.#track(action.container), action.why);
        break;
      case 'terminate':
        if (action.why === 'deadline') this.#deadlinePassed();
        this.#terminate((this.#pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000);
        break;
      case 'finish':
        this.#finish();
        break;
    }
  }

  #deadlinePassed(): void {
    const message = 'Pod was active on the node longer than the specified deadline';
    this.#outcome = { phase: 'Failed', reason: 'DeadlineExceeded', message };
    this.#parts.events.event(this.#pod, 'Normal', 'DeadlineExceeded', message);
  }

  #track(name: string): ContainerTrack {
    const found = this.#tracks.find((one) => one.name === name);
    if (!found) throw new Error(`pod ${this.uid} has no container ${name}`);
    return found;
  }

  async #prepare(): Promise<void> {
    this.#prepared = 'underway';
    const done = await preparePod(this.#pod, this.#parts, (network) => {
      this.#network = network;
    });
    this.#prepared = done ? 'yes' : 'no';
    this.#prepareFailures = done ? 0 : this.#prepareFailures + 1;
    this.#prepareRetryAtMs = done ? undefined : this.#parts.clock.now() + retryDelayMs(this.#prepareFailures, 500);
    this.sync();
  }

  #terminateForDeletion(): void {
    this.#deleting = true;
    this.#terminate(podGraceMs(this.#pod, this.#parts.clock.now()));
  }

  #terminate(graceMs: number): void {
    const stopAtMs = this.#parts.clock.now() + graceMs;
    if (this.#stopAtMs === undefined || stopAtMs < this.#stopAtMs) {
      this.#stopAtMs = stopAtMs;
      for (const track of this.#tracks) wakeWaiters(track);
    }
    if (this.#state !== 'syncing') return;
    this.#state = 'terminating';
    void this.#rotation.withdraw(this.#network);
  }

  #finish(): void {
    this.#state = 'terminated';
    this.#outcome ??= outcomeOf(this.#tracks);
    if (!this.#deleting)
      this.#parts.network.detach(this.uid).catch((error: unknown) => this.#parts.onError(error, `taking back the address of pod ${this.uid}`));
  }

  #remove(): void {
    if (this.#removing) return;
    this.#removing = true;
    void removePod(this, this.#parts, () => this.#goneFromApi, this.#closing.signal).then((removed) => {
      if (!removed) return;
      this.#state = 'gone';
      this.#resolveGone();
    });
  }
}
