import type { Readable, Writable } from 'node:stream';

/** Options of the log subresource; see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod. */
export interface PodLogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Stdout, Stderr or All (default). */
  readonly stream?: 'All' | 'Stdout' | 'Stderr';
}

export interface PodExecOptions {
  readonly container?: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface ExecStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Terminal sizes, newest last; ends with the session. */
  readonly resize?: AsyncIterable<{ readonly width: number; readonly height: number }>;
}

/** What the API server asks of a node agent. Declared here because neither room may import the other. */
export interface PodStreams {
  /** Bytes of the log, as kubectl prints them. Throws StatusError (400 with Kubernetes' text for a container that has not started, 404…). */
  logs(namespace: string, pod: string, options: PodLogOptions, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Runs a command beside the container's process and resolves with its exit code once all output was written. */
  exec(namespace: string, pod: string, options: PodExecOptions, streams: ExecStreams, signal: AbortSignal): Promise<{ readonly exitCode: number }>;
}
