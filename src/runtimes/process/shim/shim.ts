import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type HomePaths, isAlive } from '../../../std/index.ts';
import type { RuntimeEvent } from '../../contract.ts';
import { findLaunchTools, toolLimitations } from '../launch-tools.ts';
import { sendSignal } from '../processes.ts';
import { openCgroups, removeCgroup } from './cgroups.ts';
import { ContainerTable } from './container-table.ts';
import { type ControlServer, type ShimHandlers, serveControl } from './control-server.ts';
import { FifoPool } from './fifo-pool.ts';
import { createScratch } from './fifo-reader.ts';
import { AddressError, type HeldSocket, HeldSockets } from './held-sockets.ts';
import { LogFile } from './log-file.ts';
import { Program } from './program.ts';
import { readProgram, rememberProgram, waitForPredecessor } from './program-records.ts';
import { CHANNEL, type ChildMessage, PROTOCOL, type ShimStatus } from './protocol.ts';
import { Records } from './records.ts';
import { TurnFiles } from './turn-files.ts';

/** Group of the sockets that drover itself uses. */
const OWN_GROUP = 'drover';
/** A socket whose last user went is kept this long: the next version of the app finds its callers waiting, not refused. */
const LINGER_MS = 5000;
/** Below the records, since a pipe is renamed into its place and that works within one file system only. No sandbox's id begins with a dot. */
const FIFO_DIRECTORY = '.fifos';
const MEMORY_CHECK_MS = 1000;
const OLD_PROXY_LIMIT_MS = 10_000;

/** A socket given to a new shim as a descriptor. */
export interface HandedSocket {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
  readonly group: string;
  readonly users: readonly string[];
}

export interface ShimOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly version: string;
  /** Directory of daemon.js, proxy.js and inject/. */
  readonly dist: string;
  readonly handed: readonly HandedSocket[];
  /** Called when everything was shut down. */
  readonly onShutdown: () => void;
}

/** Starts the shim's parts: adopts what runs, listens for requests, starts the daemon. */
export async function startShim(options: ShimOptions): Promise<void> {
  const { paths, clock, dist } = options;
  const startedAtMs = clock.now();
  for (const directory of [paths.home, paths.run, paths.runtime, paths.logs]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ownLog = new LogFile(paths.shimLog, { maxBytes: 1024 * 1024, maxFiles: 2 }, clock);
  const log = (line: string) => {
    ownLog.append(Buffer.from(`${new Date(clock.now()).toISOString()} ${line}\n`));
    ownLog.flush();
  };
  const programFile = (name: string) => join(paths.run, `${name}.process.json`);
  const tools = findLaunchTools();
  const cgroups = openCgroups(`drover-${paths.id}`);
  const sockets = new HeldSockets(new TurnFiles(`drover-${paths.id}`, join(paths.run, 'turns')));
  for (const socket of options.handed) sockets.adopt(socket.host, socket.port, socket.group, socket.fd, socket.users);
  const scratch = createScratch();
  const fifos = new FifoPool(join(paths.runtime, FIFO_DIRECTORY));
  let control: ControlServer | undefined;
  const emit = (event: RuntimeEvent) => control?.publish(event);

  /** A socket that reaches the daemon before it listens to its channel would stay open there for good: it says when it does. */
  let daemonListens = false;
  const keep = (socket: HeldSocket) => {
    if (!daemonListens) return;
    daemon.send({ cmd: CHANNEL, act: 'keep', host: socket.host, port: socket.port, group: socket.group, users: [...socket.users] }, socket.handle);
  };
  const release = (socket: HeldSocket) => {
    sockets.release(socket);
    daemon.send({ cmd: CHANNEL, act: 'unkeep', host: socket.host, port: socket.port });
  };
  const table = new ContainerTable({
    clock,
    records: new Records(paths.runtime),
    cgroups,
    tools,
    fifos,
    sockets,
    scratch,
    injectDirectory: join(dist, 'inject'),
    emit,
    onSocket(socket, change) {
      if (change === 'used') return keep(socket);
      clock.after(LINGER_MS, () => {
        if (socket.users.size === 0) release(socket);
      });
    },
  });

  const program = (name: 'daemon' | 'proxy', logPath: string, onServing: () => void): Program => {
    const made: Program = new Program({
      name,
      file: join(dist, `${name}.js`),
      args: ['--home', paths.home],
      logPath,
      directory: paths.runtime,
      clock,
      fifos,
      scratch,
      log,
      onStart(pid) {
        rememberProgram(programFile(name), pid, log);
        if (name === 'daemon') daemonListens = false;
      },
      onMessage(message: ChildMessage) {
        if (message.act === 'serving') return onServing();
        if (message.act === 'attached' && name === 'daemon') {
          daemonListens = true;
          for (const socket of sockets.list()) keep(socket);
        }
        if (message.act === 'attached' && name === 'daemon') for (const socket of sockets.list()) keep(socket);
        if (message.act !== 'bind') return;
        const { id, host, port } = message;
        try {
          const { socket, changed } = sockets.acquire({ host, port, group: OWN_GROUP });
          if (changed) keep(socket);
          made.send({ cmd: CHANNEL, act: 'socket', id, host: socket.host, port: socket.port }, socket.handle);
        } catch (error) {
          const failure = error instanceof AddressError ? error : new AddressError('EINVAL', -22, String(error));
          made.send({ cmd: CHANNEL, act: 'socket', id, host, port, error: { code: failure.code, errno: failure.errno, message: failure.message } });
        }
      },
    });
    return made;
  };
  const proxyBefore = readProgram(programFile('proxy'));
  const endOldProxy = () => {
    if (proxyBefore && isAlive(proxyBefore.pid, proxyBefore.startTicks)) sendSignal(proxyBefore.pid, 'SIGTERM');
  };
  const daemon: Program = program('daemon', paths.daemonLog, () => {});
  const proxy: Program = program('proxy', paths.proxyLog, endOldProxy);
  const status = (): ShimStatus => ({
    pid: process.pid,
    version: options.version,
    protocol: PROTOCOL,
    startedAtMs,
    daemon: daemon.status(),
    proxy: proxy.status(),
    sandboxes: table.list().sandboxes.length,
    running: table.list().containers.filter((container) => container.state === 'running').length,
    sockets: sockets.list().map(({ host, port, group }) => ({ host, port, group })),
  });

  const handlers: ShimHandlers = {
    hello: () => ({ protocol: PROTOCOL, version: options.version, pid: process.pid }),
    status,
    subscribe: () => ({}),
    limitations: () => ({ limitations: [...cgroups.limitations, ...toolLimitations(tools)] }),
    list: () => table.list(),
    'sandbox.start': ({ config }) => {
      table.startSandbox(config);
      return {};
    },
    'sandbox.remove': async ({ id, removeLogs }) => {
      await table.removeSandbox(id, removeLogs);
      return {};
    },
    'container.start': ({ config }) => table.start(config),
    'container.drain': async ({ id, limitMs }) => {
      await table.find(id)?.drain(limitMs);
      return {};
    },
    'container.signal': ({ id, signal, mainOnly }) => {
      table.find(id)?.signal(signal, mainOnly);
      return {};
    },
    'container.send': ({ id, message }) => ({ sent: table.find(id)?.send(message) ?? false }),
    'container.remove': ({ id, keepLog }) => {
      table.removeContainer(id, keepLog);
      return {};
    },
    'container.stats': ({ id }) => {
      const stats = table.stats(id);
      return stats ? { stats } : {};
    },
    'container.pids': ({ id }) => ({ pids: table.find(id)?.pids() ?? [] }),
    'container.describe': ({ id }) => table.describe(id),
    release: ({ host, port }) => {
      if (sockets.releaseAddress(host, port, OWN_GROUP)) daemon.send({ cmd: CHANNEL, act: 'unkeep', host, port });
      return {};
    },
    'daemon.start': () => {
      daemon.start();
      return {};
    },
    'daemon.stop': async () => {
      await daemon.stop();
      return {};
    },
    'daemon.restart': async () => {
      await daemon.stop();
      daemon.start();
      return {};
    },
    'proxy.start': () => {
      proxy.start();
      // One that never says that it serves must not leave two proxies for ever.
      clock.after(OLD_PROXY_LIMIT_MS, endOldProxy);
      return {};
    },
    'proxy.stop': async () => {
      await proxy.stop();
      return {};
    },
    shutdown: async ({ graceMs }) => {
      log('shutting down everything');
      await daemon.stop();
      await Promise.all([table.endAll(graceMs), proxy.stop()]);
      endOldProxy();
      sockets.close();
      removeCgroup(cgroups.create([], {}));
      for (const file of [paths.shimSocket, programFile('daemon'), programFile('proxy')]) rmSync(file, { force: true });
      rmSync(join(paths.runtime, FIFO_DIRECTORY), { recursive: true, force: true });
      clock.after(50, () => {
        control?.close();
        ownLog.close();
        options.onShutdown();
      });
      return {};
    },
  };

  const recovered = table.recover();
  log(
    `shim ${options.version} started, pid ${process.pid}: adopted ${recovered.adopted} running, ${recovered.lost} had ended, ${options.handed.length} sockets handed over`,
  );
  const sandboxes = new Set(table.list().sandboxes.map((sandbox) => sandbox.id));
  for (const socket of sockets.abandoned((user) => sandboxes.has(user))) sockets.release(socket);
  for (const file of recovered.unreadable) log(`record ${file} cannot be read and is left alone`);
  rmSync(paths.shimSocket, { force: true });
  control = await serveControl(paths.shimSocket, handlers);
  clock.every(MEMORY_CHECK_MS, () => table.checkMemory());
  await waitForPredecessor(readProgram(programFile('daemon')), clock, log);
  if (existsSync(join(dist, 'daemon.js'))) daemon.start();
  else log(`no daemon at ${join(dist, 'daemon.js')}`);
  if (proxyBefore && isAlive(proxyBefore.pid, proxyBefore.startTicks)) proxy.start();
}
