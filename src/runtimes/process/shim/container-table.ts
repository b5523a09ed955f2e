import { rmSync } from 'node:fs';
import { type Clock, errorCode, isAlive, readStat } from '../../../std/index.ts';
import { type ContainerConfig, type ContainerRecord, type ContainerStats, type RuntimeEvent, type SandboxConfig, StartError } from '../../contract.ts';
import type { LaunchTools } from '../launch.ts';
import { holdersOf } from '../processes.ts';
import { type Cgroups, limitsMemory, removeCgroup } from './cgroups.ts';
import { Container, killCgroup } from './container.ts';
import type { FifoPool } from './fifo-pool.ts';
import { AddressError, type HeldSocket, type HeldSockets } from './held-sockets.ts';
import { makeMountPoints, removeMountPoints } from './mount-points.ts';
import { openOutput } from './output.ts';
import { CHANNEL, type ContainerDescription } from './protocol.ts';
import { type Records, type StoredContainer, type StoredSandbox, splitContainerId } from './records.ts';
import { allMounts, containerEnvironment, spawnContainer } from './spawn-container.ts';
import { usageOf } from './usage.ts';

export interface TableParts {
  readonly clock: Clock;
  readonly records: Records;
  readonly cgroups: Cgroups;
  readonly tools: LaunchTools;
  readonly fifos: FifoPool;
  readonly sockets: HeldSockets;
  readonly scratch: Buffer;
  readonly injectDirectory: string;
  readonly emit: (event: RuntimeEvent) => void;
  /** A socket was bound for an app, or nobody needs it any more. */
  readonly onSocket: (socket: HeldSocket, change: 'used' | 'unused') => void;
}

/** Which replicas may share a listening socket: those of one app, across its versions. */
function shareGroup(sandbox: SandboxConfig): string {
  const { labels, namespace, pod } = sandbox;
  const app = labels['drover.dev/app'] ?? labels['app.kubernetes.io/name'] ?? labels['app'] ?? pod.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, '');
  return `${namespace}/${app}`;
}

/** All sandboxes and containers of this home. */
export class ContainerTable {
  readonly #parts: TableParts;
  readonly #sandboxes = new Map<string, StoredSandbox>();
  readonly #containers = new Map<string, Container>();
  readonly #starting = new Map<string, Promise<ContainerRecord>>();

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  list(): { readonly sandboxes: SandboxConfig[]; readonly containers: ContainerRecord[] } {
    return {
      sandboxes: [...this.#sandboxes.values()].map((sandbox) => sandbox.config),
      containers: [...this.#containers.values()].map((container) => container.record),
    };
  }

  find(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  describe(id: string): ContainerDescription {
    const stored = this.#containers.get(id)?.stored;
    const sandbox = stored && this.#sandboxes.get(stored.config.sandboxId)?.config;
    if (!stored || !sandbox) return { cgroups: [], hasMounts: false };
    const hasMounts = allMounts(stored.config, sandbox, this.#parts.tools).length > 0;
    // A command shares no port: only the file that knows the pod's addresses is loaded into it.
    const inject = stored.config.inject === 'pod-address' ? 'pod-address' : 'none';
    const env = containerEnvironment({ ...stored.config, inject }, sandbox, this.#parts.injectDirectory);
    return { config: stored.config, sandbox, record: stored.record, cgroups: stored.cgroups, hasMounts, env };
  }

  startSandbox(config: SandboxConfig): void {
    const known = this.#sandboxes.get(config.id);
    const stored: StoredSandbox = { config, madeMountPoints: known?.madeMountPoints ?? [] };
    this.#parts.records.saveSandbox(stored);
    this.#sandboxes.set(config.id, stored);
    if (config.resources) this.#parts.cgroups.create([`pod${config.id}`], config.resources);
  }

  start(config: ContainerConfig): Promise<ContainerRecord> {
    const known = this.#containers.get(config.id);
    if (known) return Promise.resolve(known.record);
    const pending = this.#starting.get(config.id);
    if (pending) return pending;
    const started = this.#start(config).finally(() => this.#starting.delete(config.id));
    this.#starting.set(config.id, started);
    return started;
  }

  async #start(config: ContainerConfig): Promise<ContainerRecord> {
    const { records, clock, fifos, tools } = this.#parts;
    const { uid, name, attempt } = splitContainerId(config.id);
    const sandbox = this.#sandboxes.get(uid);
    if (!sandbox || config.sandboxId !== uid)
      throw new StartError('ERR_START_FAILED', `container ${config.id}: its sandbox ${config.sandboxId} was not started`);
    const made = makeMountPoints(allMounts(config, sandbox.config, tools));
    if (made.length > 0) this.#rememberMountPoints(uid, made);
    const listenFds = this.#listenFds(config, sandbox.config);
    // Entering control groups holds a program's start up by tens of milliseconds in the kernel: only where there is something to hold it to.
    const isHeld = Object.values(config.resources).some((amount) => amount > 0);
    const cgroups = isHeld ? this.#parts.cgroups.create([`pod${uid}`, `${name}.${attempt}`], config.resources) : [];
    const paths = { stdout: records.containerFile(config.id, 'out'), stderr: records.containerFile(config.id, 'err') };
    fifos.take(paths.stdout);
    fifos.take(paths.stderr);
    try {
      records.saveContainer({ config, cgroups });
    } catch (error) {
      // On a full disk an app that runs and could be missed by a later shim is better than one that does not run.
      if (errorCode(error) !== 'ENOSPC') throw error;
    }
    const output = openOutput(paths, config, this.#parts, () => this.#containers.get(config.id)?.checkAdopted());
    try {
      // Called in the same turn as the pipes were opened: a pipe without a writer reads as ended.
      const child = await spawnContainer({ config, sandbox: sandbox.config, cgroups, paths, tools, injectDirectory: this.#parts.injectDirectory, listenFds });
      const pid = child.pid!;
      const record = newRecord(config, pid, readStat(pid)?.startTicks ?? '', clock.now());
      const container = this.#add({ config, cgroups, record });
      container.save();
      container.own(child, output);
      return container.record;
    } catch (error) {
      output.close();
      removeCgroup(cgroups);
      records.removeContainer(config.id);
      throw error;
    }
  }

  #add(stored: StoredContainer & { readonly record: ContainerRecord }): Container {
    const { clock, records, emit } = this.#parts;
    const container = new Container(stored, { clock, records, emit, onListen: (from, message) => this.#listen(from, message) });
    this.#containers.set(stored.config.id, container);
    return container;
  }

  #rememberMountPoints(uid: string, made: readonly string[]): void {
    const sandbox = this.#sandboxes.get(uid)!;
    const stored = { ...sandbox, madeMountPoints: [...sandbox.madeMountPoints, ...made] };
    this.#sandboxes.set(uid, stored);
    this.#parts.records.saveSandbox(stored);
  }

  #listenFds(config: ContainerConfig, sandbox: SandboxConfig): number[] {
    return (config.listenFds ?? []).map(({ host, port }) => {
      try {
        return this.#acquire(sandbox, host, port).handle.fd;
      } catch (error) {
        if (error instanceof AddressError) throw new StartError('ERR_START_PORT_TAKEN', error.message, { cause: error });
        throw error;
      }
    });
  }

  #acquire(sandbox: SandboxConfig, host: string, port: number): HeldSocket {
    const { socket, changed } = this.#parts.sockets.acquire({ host, port, group: shareGroup(sandbox), user: sandbox.id });
    if (changed) this.#parts.onSocket(socket, 'used');
    return socket;
  }

  #listen(container: Container, message: { readonly id: number; readonly host: string; readonly port: number }): void {
    const { id, host, port } = message;
    const sandbox = this.#sandboxes.get(container.stored.config.sandboxId);
    if (!sandbox) return;
    try {
      const socket = this.#acquire(sandbox.config, host, port);
      const turns = this.#parts.sockets.turns(socket, container.stored.config.user);
      container.answer({ cmd: CHANNEL, act: 'socket', id, host: socket.host, port: socket.port, ...(turns ? { turns } : {}) }, socket.handle);
    } catch (error) {
      const failure =
        error instanceof AddressError
          ? { code: error.code, errno: error.errno, message: error.message }
          : { code: 'EINVAL', errno: -22, message: String(error) };
      container.answer({ cmd: CHANNEL, act: 'socket', id, host, port, error: failure });
    }
  }

  removeContainer(id: string, keepLog: boolean): void {
    const container = this.#containers.get(id);
    if (!container) return;
    if (container.isRunning) throw new Error(`container ${id} still runs (pid ${container.record.pid}); stop it first`);
    this.#containers.delete(id);
    this.#parts.records.removeContainer(id);
    if (!keepLog) rmSync(container.record.logPath, { force: true });
  }

  async removeSandbox(id: string, removeLogs: boolean): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    const own = [...this.#containers.values()].filter((container) => container.stored.config.sandboxId === id);
    await Promise.allSettled([...this.#starting].filter(([container]) => container.startsWith(`${id}/`)).map(([, started]) => started));
    for (const container of own) if (container.isRunning) container.signal('SIGKILL', false);
    for (let wait = 0; wait < 100 && own.some((container) => container.isRunning); wait += 1) {
      for (const container of own) container.checkAdopted();
      await this.#parts.clock.sleep(20);
    }
    const podGroup = this.#parts.cgroups.create([`pod${id}`], {});
    for (const container of own) {
      if (container.isRunning)
        throw new Error(`container ${container.record.id} (pid ${container.record.pid}) does not end even on SIGKILL: it waits in the kernel`);
      removeCgroup(container.stored.cgroups);
      this.#containers.delete(container.record.id);
    }
    killCgroup(podGroup);
    removeCgroup(podGroup);
    removeMountPoints(sandbox.madeMountPoints);
    this.#sandboxes.delete(id);
    this.#parts.records.removeSandbox(id);
    if (removeLogs) rmSync(sandbox.config.logDirectory, { recursive: true, force: true });
    for (const socket of this.#parts.sockets.leave(id)) this.#parts.onSocket(socket, 'unused');
  }

  stats(id: string): ContainerStats | undefined {
    const container = this.#containers.get(id);
    return container?.isRunning ? usageOf(container.stored.cgroups, container.pids()) : undefined;
  }

  /** Ends containers that use more memory than they may, where the kernel does not see to it. */
  checkMemory(): void {
    for (const container of this.#containers.values()) {
      const limit = container.stored.config.resources.memoryLimitBytes;
      if (limit === undefined || !container.isRunning || limitsMemory(container.stored.cgroups)) continue;
      if ((usageOf([], container.pids())?.memoryBytes ?? 0) > limit) container.killForMemory();
    }
  }

  /** Takes over what an earlier shim started: processes are known by pid and start time, output goes on where it stopped. */
  recover(): { readonly adopted: number; readonly lost: number; readonly unreadable: readonly string[] } {
    const { records, clock } = this.#parts;
    const { sandboxes, containers, unreadable } = records.load();
    for (const sandbox of sandboxes) this.#sandboxes.set(sandbox.config.id, sandbox);
    let adopted = 0;
    let lost = 0;
    for (const stored of containers) {
      const paths = { stdout: records.containerFile(stored.config.id, 'out'), stderr: records.containerFile(stored.config.id, 'err') };
      const record = stored.record ?? this.#findStarted(stored.config, paths.stdout);
      if (!record) {
        // It was written down but never spawned; the node agent starts it again.
        records.removeContainer(stored.config.id);
        continue;
      }
      const container = this.#add({ ...stored, record });
      if (record.state === 'exited') continue;
      if (isAlive(record.pid, record.startTicks)) {
        adopted += 1;
        container.adopt(openOutput(paths, stored.config, this.#parts, () => clock.after(0, () => container.checkAdopted())));
        container.save();
      } else {
        lost += 1;
        container.checkAdopted();
      }
    }
    return { adopted, lost, unreadable };
  }

  /** A process whose pid was never written down still has its pipe open. */
  #findStarted(config: ContainerConfig, pipe: string): ContainerRecord | undefined {
    const leader = holdersOf(pipe)
      .map(readStat)
      .find((stat) => stat !== undefined && stat.session === stat.pid);
    return leader && newRecord(config, leader.pid, leader.startTicks, this.#parts.clock.now());
  }

  /** Asks everything to end, waits `graceMs`, and kills the rest. */
  async endAll(graceMs: number): Promise<void> {
    const running = () => [...this.#containers.values()].filter((container) => container.isRunning);
    for (const container of running()) container.signal('SIGTERM', false);
    const until = this.#parts.clock.monotonic() + graceMs;
    while (running().length > 0 && this.#parts.clock.monotonic() < until) await this.#parts.clock.sleep(20);
    for (const id of [...this.#sandboxes.keys()]) await this.removeSandbox(id, false);
  }

  /** Leaves all processes as they are. */
  release(): void {
    for (const container of this.#containers.values()) container.release();
  }
}

const newRecord = (config: ContainerConfig, pid: number, startTicks: string, startedAtMs: number): ContainerRecord => ({
  id: config.id,
  sandboxId: config.sandboxId,
  name: config.name,
  attempt: config.attempt,
  state: 'running',
  pid,
  startTicks,
  startedAtMs,
  logPath: config.logPath,
  droppedLogBytes: 0,
});
