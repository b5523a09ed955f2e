import { spawn } from 'node:child_process';
import type { Clock, Closable, HomePaths } from '../../std/index.ts';
import type { RuntimeEvent } from '../contract.ts';
import type { ShimMethod, ShimMethods, ShimStatus } from './shim/protocol.ts';
import type { HandedSocket } from './shim/shim.ts';
import { type ListenTarget, openShimChannel, type ShimChannel } from './shim-channel.ts';
import { openShimConnection, type ShimConnection, ShimError } from './shim-connection.ts';

const RETRY_MS = 50;
const CONNECT_LIMIT_MS = 10_000;
const ABSENT_LIMIT_MS = 1000;
const DEFAULT_SHUTDOWN_GRACE_MS = 5000;

export interface ShimClientOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  /** shim.js: what is started when the shim is gone. Without it nothing is started, as in the proxy and in tests. */
  readonly shimProgram?: string;
  /** Called when a new shim was started in place of a dead one. It starts a daemon of its own: this one should end now (adopting is the normal path). */
  readonly onReplaced?: () => void;
}

/** The daemon's and the proxy's way to the shim. */
export interface ShimClient extends Closable {
  /** A method of the protocol. While the shim is away it waits up to 10 seconds for it. */
  call<M extends ShimMethod>(method: M, params: ShimMethods[M]['params'], limitMs?: number): Promise<ShimMethods[M]['result']>;
  /** Events of all containers; `relist` after every reconnection. */
  subscribe(handler: (event: RuntimeEvent) => void): Closable;
  /**
   * A listening socket on an address (not a name) that the shim holds too, so that connections wait while this process is away. For `server.listen(handle)`.
   * Rejects with BindFailure. Only in processes that the shim started.
   */
  bind(host: string, port: number): Promise<ListenTarget>;
  /** The shim stops holding the address; who listens on it goes on. */
  release(host: string, port: number): Promise<void>;
  startProxy(): Promise<void>;
  stopProxy(): Promise<void>;
  /** Stops the daemon; apps, proxy and shim stay. Called by the daemon itself this ends the caller. */
  stopDaemon(): Promise<void>;
  status(): Promise<ShimStatus>;
  /** Ends everything of this home, the shim included. */
  shutdownAll(graceMs?: number): Promise<void>;
  /** Tells the shim that this program serves: the proxy before it may go. */
  serving(): void;
}

/** Starts shim.js for a home, detached from this process. Sockets given along are handed over as descriptors. */
export function spawnShim(shimProgram: string, paths: HomePaths, handed: readonly (Omit<HandedSocket, 'fd'> & { readonly handle: ListenTarget })[] = []): void {
  const sockets = handed.map(({ host, port, group, users }, index): HandedSocket => ({ fd: index + 3, host, port, group, users }));
  const shim = spawn(process.execPath, [shimProgram, '--home', paths.home], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', ...handed.map(({ handle }) => handle.fd)],
    env: sockets.length > 0 ? { ...process.env, DROVER_HANDED_SOCKETS: JSON.stringify(sockets) } : process.env,
  });
  // Whether it came up is seen by connecting to it.
  shim.on('error', () => {});
  shim.unref();
}

/** Connects to the shim of a home and stays connected. Resolves at once; calls wait for the connection. */
export function connectShim(options: ShimClientOptions): ShimClient {
  return new Client(options, openShimChannel(options.clock));
}

class Client implements ShimClient {
  readonly #options: ShimClientOptions;
  readonly #channel: ShimChannel;
  readonly #handlers = new Set<(event: RuntimeEvent) => void>();
  #connection: Promise<ShimConnection> | undefined;
  #closed = false;
  #wasConnected = false;

  constructor(options: ShimClientOptions, channel: ShimChannel) {
    this.#options = options;
    this.#channel = channel;
  }

  async call<M extends ShimMethod>(method: M, params: ShimMethods[M]['params'], limitMs?: number): Promise<ShimMethods[M]['result']> {
    return (await this.#connected()).call(method, params, limitMs);
  }

  subscribe(handler: (event: RuntimeEvent) => void): Closable {
    this.#handlers.add(handler);
    this.#connected().catch(() => {
      // Told to whoever calls a method; a later connection subscribes by itself.
    });
    return { close: () => void this.#handlers.delete(handler) };
  }

  #connected(): Promise<ShimConnection> {
    if (this.#closed) return Promise.reject(new ShimError('ERR_SHIM_LOST', 'this connection to the shim was closed'));
    this.#connection ??= this.#connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #connect(): Promise<ShimConnection> {
    const { clock, paths } = this.#options;
    const startMs = clock.monotonic();
    for (let revived = false; ; ) {
      try {
        const connection = await openShimConnection(paths.shimSocket, { clock, onEvent: (event) => this.#emit(event), onClose: () => this.#lost() });
        await connection.call('subscribe', {});
        if (this.#wasConnected) this.#emit({ type: 'relist' });
        this.#wasConnected = true;
        return connection;
      } catch (error) {
        const waitedMs = clock.monotonic() - startMs;
        if (this.#closed || waitedMs > CONNECT_LIMIT_MS) throw error;
        if (!revived && (this.#wasConnected || waitedMs > ABSENT_LIMIT_MS)) revived = this.#revive();
        await clock.sleep(RETRY_MS);
      }
    }
  }

  #lost(): void {
    this.#connection = undefined;
    if (!this.#closed) this.#connected().catch(() => {});
  }

  /** Starts a new shim with the sockets that the dead one held. Only its own child does so, so that two daemons cannot both. */
  #revive(): boolean {
    const { shimProgram, paths, onReplaced } = this.#options;
    if (!shimProgram || this.#channel.connected) return false;
    spawnShim(shimProgram, paths, this.#channel.kept());
    onReplaced?.();
    return true;
  }

  #emit(event: RuntimeEvent): void {
    for (const handler of this.#handlers) handler(event);
  }

  bind(host: string, port: number): Promise<ListenTarget> {
    return this.#channel.bind(host, port);
  }

  async release(host: string, port: number): Promise<void> {
    await this.call('release', { host, port });
  }

  async startProxy(): Promise<void> {
    await this.call('proxy.start', {});
  }

  async stopProxy(): Promise<void> {
    await this.call('proxy.stop', {});
  }

  async stopDaemon(): Promise<void> {
    await this.call('daemon.stop', {});
  }

  status(): Promise<ShimStatus> {
    return this.call('status', {});
  }

  async shutdownAll(graceMs: number = DEFAULT_SHUTDOWN_GRACE_MS): Promise<void> {
    await this.call('shutdown', { graceMs }, graceMs + 30_000);
  }

  serving(): void {
    this.#channel.serving();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#channel.close();
    (await this.#connection?.catch(() => undefined))?.close();
  }
}
