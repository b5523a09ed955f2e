import type { ContainerRecord } from '../../runtimes/index.ts';

/** init runs to its end before the next; sidecar is an init container that stays; main are the pod's containers. */
export type ContainerRole = 'init' | 'sidecar' | 'main';

/** Why a container could not be started, in the words of its waiting state. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  readonly retryAtMs: number;
  /** How often in a row. */
  readonly count: number;
}

/** Everything that is known about one container of a pod. */
export interface ContainerView {
  readonly name: string;
  readonly role: ContainerRole;
  /** The policy after container-level restartPolicy and sidecar rules. */
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly latest?: ContainerRecord | undefined;
  /** The next attempt is not below this: attempts whose records were lost still count. */
  readonly attemptFloor: number;
  readonly operation?: 'start' | 'stop' | undefined;
  readonly failure?: StartFailure | undefined;
  /** Exits in a row without ten minutes of running between them. */
  readonly streak: number;
  /** PM2's counting; undefined for pods that did not ask for it. */
  readonly pm2?: Pm2Restarts | undefined;
  /** Start hook done and startup probe passed. */
  readonly started: boolean;
  readonly ready: boolean;
  /** Its definition was changed: it starts again with the new one, whatever its restart policy. */
  readonly renew?: boolean | undefined;
  /** A probe, a hook or a changed definition wants it ended. */
  readonly kill?: KillRequest | undefined;
}

export interface KillRequest {
  readonly why: 'liveness' | 'startup' | 'postStart' | 'changed';
  /** Text of the Killing event. */
  readonly message: string;
  readonly graceSeconds?: number | undefined;
}

/** PM2's restart rules: runs shorter than minUptimeMs in a row, of which maxRestarts are allowed. */
export interface Pm2Restarts {
  readonly autorestart: boolean;
  readonly minUptimeMs: number;
  readonly maxRestarts: number;
  readonly unstable: number;
}

/** States only go forward. */
export type PodState = 'syncing' | 'terminating' | 'terminated' | 'gone';

export interface PodView {
  readonly state: PodState;
  /** Network, volumes and sandbox. */
  readonly prepared: 'no' | 'underway' | 'yes';
  readonly prepareRetryAtMs?: number | undefined;
  /** activeDeadlineSeconds after the pod's start. */
  readonly deadlineAtMs?: number | undefined;
  /** In start order: init containers and sidecars as listed, then main containers. */
  readonly containers: readonly ContainerView[];
  /** The pod is to be removed, not merely finished. */
  readonly deleting: boolean;
}
