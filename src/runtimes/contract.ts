import type { ExecStreams } from '../apimachinery/index.ts';
import type { Closable } from '../std/index.ts';

/** A pod as the runtime knows it. Ids are chosen by the caller and are stable: asking twice for the same id is the same as asking once. */
export interface SandboxConfig {
  /** The pod's uid. */
  readonly id: string;
  readonly namespace: string;
  readonly pod: string;
  readonly labels: { readonly [key: string]: string };
  /** <logs>/pods/<ns>_<pod>_<uid>; created by the runtime, 0700. */
  readonly logDirectory: string;
  readonly network: SandboxNetwork;
  readonly hostname?: string;
  /** Limits of the pod as a whole, when it has any (cgroup of the pod). */
  readonly resources?: ContainerResources;
}

export interface SandboxNetwork {
  /** host: the machine's own network. netns: `netnsPath` is entered. loopback: `ip` is a loopback address that injected Node programs bind to. */
  readonly mode: 'host' | 'netns' | 'loopback';
  readonly ip: string;
  readonly netnsPath?: string;
  /** Files laid over /etc/resolv.conf and /etc/hosts where the runtime can (mount namespace). */
  readonly resolvConf?: string;
  readonly etcHosts?: string;
  /** Environment every container gets (what the injected file needs; empty for host and netns). */
  readonly env: { readonly [name: string]: string };
}

export interface ContainerResources {
  /** Hundredths of a core are possible: 0.5. */
  readonly cpuLimit?: number;
  readonly cpuRequest?: number;
  readonly memoryLimitBytes?: number;
  readonly memoryRequestBytes?: number;
}

export interface ContainerMount {
  /** A directory or file on the machine. */
  readonly source: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export interface ContainerConfig {
  /** <pod uid>/<container name>/<attempt>; the attempt counts restarts from 0. */
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  /** Program and arguments, not a shell line. The program is looked up in PATH of `env`. */
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment. */
  readonly env: { readonly [name: string]: string };
  readonly user?: { readonly uid?: number; readonly gid?: number; readonly supplementalGroups?: readonly number[] };
  readonly mounts: readonly ContainerMount[];
  readonly resources: ContainerResources;
  /** CRI log file: <logDirectory>/<container>/<attempt>.log. */
  readonly logPath: string;
  readonly logLimits: { readonly maxBytes: number; readonly maxFiles: number };
  /** Files that get the plain output as well (PM2's out_file and error_file); rotated by the same limits. */
  readonly copies?: { readonly stdout?: string; readonly stderr?: string };
  readonly stdin: boolean;
  readonly tty: boolean;
  /**
   * What is put into a Node program. none: nothing at all. shared-port: every `listen` on a TCP port adopts a socket that the runtime holds, so that
   * replicas share it and connections wait while none runs. pod-address: `listen` binds to the sandbox's loopback address and cluster names resolve.
   */
  readonly inject: 'none' | 'shared-port' | 'pod-address';
  /** An IPC channel to the program (PM2's process.send('ready') and messages). A Node program is kept from ending when the channel's other end is lost. */
  readonly ipc: boolean;
  /** Descriptors passed as LISTEN_FDS (systemd's socket activation), one per address. */
  readonly listenFds?: readonly { readonly host: string; readonly port: number }[];
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'running' | 'exited';
  readonly pid: number;
  /** Start time of the process as the kernel tells it, so that a reused pid is not mistaken for it. */
  readonly startTicks: string;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  /** 128 + signal when a signal ended it. 255 with `reason` Unknown when nobody saw it end. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Completed, Error, OOMKilled or Unknown (ContainerStatusUnknown in the API). */
  readonly reason?: 'Completed' | 'Error' | 'OOMKilled' | 'Unknown';
  readonly message?: string;
  readonly logPath: string;
  /** Bytes of output that could not be written (disk full); 0 nearly always. */
  readonly droppedLogBytes: number;
}

export type RuntimeEvent =
  | { readonly type: 'exited'; readonly container: ContainerRecord }
  /** The program said process.send('ready'). */
  | { readonly type: 'ready'; readonly containerId: string }
  /** An injected program listens now. */
  | { readonly type: 'listening'; readonly containerId: string; readonly host: string; readonly port: number }
  /** Any other message over the IPC channel. */
  | { readonly type: 'message'; readonly containerId: string; readonly message: unknown }
  /** The connection to the processes' owner was lost and is back: list again. */
  | { readonly type: 'relist' };

/** Something this machine cannot give: becomes a condition on the Node and a line of `drover status`. */
export interface RuntimeLimitation {
  /** CamelCase, for a condition's reason: NoCgroups, NoMountNamespaces, NoUserChange… */
  readonly reason: string;
  readonly message: string;
}

export interface ContainerStats {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** A command could not be started: ENOENT, EACCES, a missing mount point… `message` says what was tried and what to do. */
export class StartError extends Error {
  readonly code: 'ERR_START_COMMAND_NOT_FOUND' | 'ERR_START_PERMISSION' | 'ERR_START_MOUNT' | 'ERR_START_PORT_TAKEN' | 'ERR_START_FAILED';
  constructor(code: StartError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A way of running pods: as processes of the machine, as containers, or as nothing at all (fake). Everything it started outlives this process;
 * what is needed to find it again is on disk before it is started. All methods may be repeated safely.
 */
export interface Runtime extends Closable {
  /** process, fake, containerd: `drover://0.1.0` is what Node.status.nodeInfo.containerRuntimeVersion shows for process. */
  readonly name: string;
  readonly version: string;
  limitations(): readonly RuntimeLimitation[];
  startSandbox(config: SandboxConfig): Promise<void>;
  /** Forgets the sandbox and its containers' records once nothing of it runs; kills what still does. Logs are kept unless `removeLogs`. */
  removeSandbox(id: string, options: { readonly removeLogs: boolean }): Promise<void>;
  /** Starts a container and resolves once its process exists. Rejects with StartError. A known id returns its record as it is. */
  startContainer(config: ContainerConfig): Promise<ContainerRecord>;
  /** Asks an injected program to stop accepting, finish what is under way and close idle connections. Resolves when done or after `limitMs`; at once for others. */
  drainContainer(id: string, limitMs: number): Promise<void>;
  /** Sends a signal to the container's whole process group (or only the main process). Not running is not an error. */
  signalContainer(id: string, signal: NodeJS.Signals, options?: { readonly mainOnly?: boolean }): Promise<void>;
  /** Sends a message over the IPC channel; false when there is none. */
  sendMessage(id: string, message: unknown): Promise<boolean>;
  /** Forgets an exited container; its log is removed unless `keepLog`. */
  removeContainer(id: string, options: { readonly keepLog: boolean }): Promise<void>;
  /** Everything known, exited included. */
  list(): Promise<{ readonly sandboxes: readonly SandboxConfig[]; readonly containers: readonly ContainerRecord[] }>;
  /** Events from now on. Bounded; a `relist` stands for whatever was missed. */
  subscribe(handler: (event: RuntimeEvent) => void): Closable;
  /** Runs a command in the container's surroundings (network, mounts, environment, user). Rejects with StartError. */
  exec(
    id: string,
    command: readonly string[],
    options: { readonly tty: boolean; readonly timeoutMs?: number; readonly streams: ExecStreams; readonly signal?: AbortSignal },
  ): Promise<{ readonly exitCode: number }>;
  /** TCP ports that the container's processes listen on now. */
  listeningPorts(id: string): Promise<readonly { readonly host: string; readonly port: number }[]>;
  stats(id: string): Promise<ContainerStats | undefined>;
}
