import type { Clock, Closable, HomePaths } from '../../std/index.ts';
import {
  type ContainerConfig,
  type ContainerRecord,
  type ContainerStats,
  type Runtime,
  type RuntimeEvent,
  type RuntimeLimitation,
  type SandboxConfig,
  StartError,
} from '../contract.ts';
import { type ExecOptions, execInContainer } from './exec.ts';
import { findLaunchTools } from './launch-tools.ts';
import { connectShim, type ShimClient } from './shim-client.ts';
import { ShimError } from './shim-connection.ts';
import { listeningSockets, socketInodes } from './socket-table.ts';

declare const __DROVER_VERSION__: string | undefined;

const START_CODES: readonly string[] = [
  'ERR_START_COMMAND_NOT_FOUND',
  'ERR_START_PERMISSION',
  'ERR_START_MOUNT',
  'ERR_START_PORT_TAKEN',
  'ERR_START_FAILED',
] satisfies StartError['code'][];

export interface ProcessRuntimeOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  /** The connection to the shim; without it one is made, and closed with the runtime. */
  readonly shim?: ShimClient;
}

/** Runs pods as processes of this machine, through the shim that owns them. Resolves once the shim has answered. */
export async function createProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  const shim = options.shim ?? connectShim({ paths: options.paths, clock: options.clock });
  const { limitations } = await shim.call('limitations', {});
  return new ProcessRuntime(shim, options.clock, limitations, options.shim ? undefined : shim);
}

class ProcessRuntime implements Runtime {
  readonly name = 'drover';
  readonly version: string = typeof __DROVER_VERSION__ === 'string' ? __DROVER_VERSION__ : '0.0.0';
  readonly #shim: ShimClient;
  readonly #clock: Clock;
  readonly #limitations: readonly RuntimeLimitation[];
  readonly #owned: Closable | undefined;
  readonly #tools: ReturnType<typeof findLaunchTools> = findLaunchTools();

  constructor(shim: ShimClient, clock: Clock, limitations: readonly RuntimeLimitation[], owned: Closable | undefined) {
    this.#shim = shim;
    this.#clock = clock;
    this.#limitations = limitations;
    this.#owned = owned;
  }

  limitations(): readonly RuntimeLimitation[] {
    return this.#limitations;
  }

  async startSandbox(config: SandboxConfig): Promise<void> {
    await this.#shim.call('sandbox.start', { config });
  }

  async removeSandbox(id: string, options: { readonly removeLogs: boolean }): Promise<void> {
    await this.#shim.call('sandbox.remove', { id, removeLogs: options.removeLogs });
  }

  async startContainer(config: ContainerConfig): Promise<ContainerRecord> {
    try {
      return await this.#shim.call('container.start', { config });
    } catch (error) {
      if (error instanceof ShimError && START_CODES.includes(error.code))
        throw new StartError(error.code as StartError['code'], error.message, { cause: error });
      throw error;
    }
  }

  async drainContainer(id: string, limitMs: number): Promise<void> {
    await this.#shim.call('container.drain', { id, limitMs }, limitMs + 5000);
  }

  async signalContainer(id: string, signal: NodeJS.Signals, options?: { readonly mainOnly?: boolean }): Promise<void> {
    await this.#shim.call('container.signal', { id, signal, mainOnly: options?.mainOnly ?? false });
  }

  async sendMessage(id: string, message: unknown): Promise<boolean> {
    return (await this.#shim.call('container.send', { id, message })).sent;
  }

  async removeContainer(id: string, options: { readonly keepLog: boolean }): Promise<void> {
    await this.#shim.call('container.remove', { id, keepLog: options.keepLog });
  }

  list(): Promise<{ readonly sandboxes: readonly SandboxConfig[]; readonly containers: readonly ContainerRecord[] }> {
    return this.#shim.call('list', {});
  }

  subscribe(handler: (event: RuntimeEvent) => void): Closable {
    return this.#shim.subscribe(handler);
  }

  async exec(id: string, command: readonly string[], options: ExecOptions): Promise<{ readonly exitCode: number }> {
    return execInContainer(id, await this.#shim.call('container.describe', { id }), command, options, {
      tools: this.#tools,
      clock: this.#clock,
    });
  }

  async listeningPorts(id: string): Promise<readonly { readonly host: string; readonly port: number }[]> {
    const { pids } = await this.#shim.call('container.pids', { id });
    const first = pids[0];
    if (first === undefined) return [];
    const inodes = new Set(pids.flatMap(socketInodes));
    const ports = listeningSockets(first).filter((socket) => inodes.has(socket.inode));
    return ports.map(({ host, port }) => ({ host, port }));
  }

  async stats(id: string): Promise<ContainerStats | undefined> {
    return (await this.#shim.call('container.stats', { id })).stats;
  }

  async close(): Promise<void> {
    await this.#owned?.close();
  }
}
