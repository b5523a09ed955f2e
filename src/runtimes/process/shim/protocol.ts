import type { ContainerConfig, ContainerRecord, ContainerStats, RuntimeEvent, RuntimeLimitation, SandboxConfig } from '../../contract.ts';

/**
 * What is said over `shim.sock`: one JSON object a line. A request is `{"id":1,"method":"status","params":{}}`; its answer `{"id":1,"result":…}` or
 * `{"id":1,"error":{"code":"…","message":"…"}}`. After `subscribe`, lines `{"event":…}` come in between. The first request should be `hello`.
 * A newer shim answers every method of an older protocol number; methods are added, never changed.
 */
export const PROTOCOL = 1;

export interface ProgramStatus {
  /** stopped: somebody asked for it. waiting: it ended and is started again at `nextStartMs`. */
  readonly state: 'running' | 'waiting' | 'stopped';
  readonly pid?: number;
  readonly restarts: number;
  readonly lastExit?: string;
}

export interface ShimStatus {
  readonly pid: number;
  readonly version: string;
  readonly protocol: number;
  readonly startedAtMs: number;
  readonly daemon: ProgramStatus;
  readonly proxy: ProgramStatus;
  readonly sandboxes: number;
  readonly running: number;
  readonly sockets: readonly { readonly host: string; readonly port: number; readonly group: string }[];
}

/** Every method: what it takes and what it answers. */
export interface ShimMethods {
  hello: { params: { readonly protocol: number }; result: { readonly protocol: number; readonly version: string; readonly pid: number } };
  status: { params: object; result: ShimStatus };
  subscribe: { params: object; result: object };
  limitations: { params: object; result: { readonly limitations: readonly RuntimeLimitation[] } };
  list: { params: object; result: { readonly sandboxes: readonly SandboxConfig[]; readonly containers: readonly ContainerRecord[] } };
  'sandbox.start': { params: { readonly config: SandboxConfig }; result: object };
  'sandbox.remove': { params: { readonly id: string; readonly removeLogs: boolean }; result: object };
  'container.start': { params: { readonly config: ContainerConfig }; result: ContainerRecord };
  'container.drain': { params: { readonly id: string; readonly limitMs: number }; result: object };
  'container.signal': { params: { readonly id: string; readonly signal: NodeJS.Signals; readonly mainOnly: boolean }; result: object };
  'container.send': { params: { readonly id: string; readonly message: unknown }; result: { readonly sent: boolean } };
  'container.remove': { params: { readonly id: string; readonly keepLog: boolean }; result: object };
  'container.stats': { params: { readonly id: string }; result: { readonly stats?: ContainerStats } };
  'container.pids': { params: { readonly id: string }; result: { readonly pids: readonly number[] } };
  /** What `exec` needs: how the container was started, and where its process is. */
  'container.describe': { params: { readonly id: string }; result: ContainerDescription };
  release: { params: { readonly host: string; readonly port: number }; result: object };
  'daemon.start': { params: object; result: object };
  'daemon.stop': { params: object; result: object };
  'daemon.restart': { params: object; result: object };
  'proxy.start': { params: object; result: object };
  'proxy.stop': { params: object; result: object };
  /** Ends everything of this home: daemon, proxy, containers, sockets, and the shim itself. `graceMs` is given to the containers. */
  shutdown: { params: { readonly graceMs: number }; result: object };
}

export type ShimMethod = keyof ShimMethods;

export interface ContainerDescription {
  readonly config?: ContainerConfig;
  readonly sandbox?: SandboxConfig;
  readonly record?: ContainerRecord;
  readonly cgroups: readonly string[];
  readonly hasMounts: boolean;
  /** What a command run beside the program gets: in loopback mode Node programs find the pod's addresses and names like the container's own. */
  readonly env?: { readonly [name: string]: string };
}

export interface ShimRequest {
  readonly id: number;
  readonly method: string;
  readonly params?: object;
}

export interface ShimFailure {
  readonly code: string;
  readonly message: string;
}

export type ShimLine =
  | { readonly id: number; readonly result: object }
  | { readonly id: number; readonly error: ShimFailure }
  | { readonly event: RuntimeEvent };

/** A request longer than this ends the connection: nobody sends one in earnest. */
export const LINE_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Messages over the IPC channels of the shim's children carry this `cmd`. Node hands messages whose cmd begins with NODE_ to `internalMessage`, so a
 * program's own 'message' listeners never see them.
 */
export const CHANNEL = 'NODE_DROVER';

/** Child to shim. `listen` comes from injected programs, `bind` from the daemon and the proxy. */
export type ChildMessage =
  | { readonly cmd: typeof CHANNEL; readonly act: 'listen' | 'bind'; readonly id: number; readonly host: string; readonly port: number }
  | { readonly cmd: typeof CHANNEL; readonly act: 'listening'; readonly host: string; readonly port: number }
  | { readonly cmd: typeof CHANNEL; readonly act: 'drained' }
  /** The daemon or the proxy listens to its channel from now on. */
  | { readonly cmd: typeof CHANNEL; readonly act: 'attached' }
  | { readonly cmd: typeof CHANNEL; readonly act: 'serving' }
  /** The daemon listens to its channel now: what is held can be given to it. Messages before that would be lost. */
  | { readonly cmd: typeof CHANNEL; readonly act: 'attached' };

/** Shim to child. `socket` answers listen and bind; `keep` gives the daemon a duplicate to hand to the shim's successor. */
export type ParentMessage =
  | {
      readonly cmd: typeof CHANNEL;
      readonly act: 'socket';
      readonly id: number;
      readonly host: string;
      readonly port: number;
      /** The file through which replicas keep pace with each other, where there is one. */
      readonly turns?: string;
      readonly error?: ShimFailure & { readonly errno: number };
    }
  | { readonly cmd: typeof CHANNEL; readonly act: 'drain'; readonly limitMs: number }
  | {
      readonly cmd: typeof CHANNEL;
      readonly act: 'keep';
      readonly host: string;
      readonly port: number;
      readonly group: string;
      readonly users: readonly string[];
    }
  | { readonly cmd: typeof CHANNEL; readonly act: 'unkeep'; readonly host: string; readonly port: number };
