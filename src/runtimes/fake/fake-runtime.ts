import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { type Clock, type Closable, rfc3339Micro, type Timer } from '../../std/index.ts';
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
import type { ExecOptions } from '../process/exec.ts';

/** How a simulated program behaves. Everything left out means: runs until a signal ends it at once, listens nowhere, says nothing. */
export interface FakeProgram {
  /** The start itself fails. */
  readonly startError?: { readonly code: StartError['code']; readonly message: string };
  /** Ends by itself, with `exitCode` (default 0). */
  readonly exitsAfterMs?: number;
  readonly exitCode?: number;
  /** Ends as if the kernel had killed it for its memory. */
  readonly runsOutOfMemoryAfterMs?: number;
  /** Says process.send('ready'). */
  readonly readyAfterMs?: number;
  readonly ports?: readonly { readonly host: string; readonly port: number }[];
  /** Takes no notice of these; SIGKILL always ends it. */
  readonly ignores?: readonly NodeJS.Signals[];
  /** Ends this long after a signal, with `exitCode` instead of 128 + signal when it is given. */
  readonly stopsAfterMs?: number;
  /** Lines in its log from the start. Without them no file is written. */
  readonly output?: readonly string[];
  readonly drainsAfterMs?: number;
  /** Answers commands run beside it. Default: exit code 0 and no output. */
  readonly exec?: (command: readonly string[]) => { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string; readonly takesMs?: number };
  readonly stats?: ContainerStats;
}

export interface FakeRuntimeOptions {
  readonly clock: Clock;
  /** Asked once at each start. Default: every program runs until it is told to stop. */
  readonly behaviour?: (config: ContainerConfig, sandbox: SandboxConfig) => FakeProgram;
  readonly limitations?: readonly RuntimeLimitation[];
}

interface FakeContainer {
  record: ContainerRecord;
  readonly program: FakeProgram;
  readonly timers: Timer[];
}

const STOPPING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGABRT', 'SIGUSR1', 'SIGUSR2'];
const FIRST_PID = 1_000_000;

/** A runtime of the same contract without a single process: for tests of what runs pods, and for thousands of them on one machine. */
export class FakeRuntime implements Runtime {
  readonly name = 'fake';
  readonly version = '1.0.0';
  readonly #options: FakeRuntimeOptions;
  readonly #sandboxes = new Map<string, SandboxConfig>();
  /** Containers of each sandbox, so that nothing grows with the number of pods. */
  readonly #containers = new Map<string, Map<string, FakeContainer>>();
  readonly #handlers = new Set<(event: RuntimeEvent) => void>();
  /** Every signal and drain in order, for tests. */
  readonly calls: { readonly call: 'signal' | 'drain' | 'message'; readonly id: string; readonly detail: unknown }[] = [];
  #nextPid = FIRST_PID;

  constructor(options: FakeRuntimeOptions) {
    this.#options = options;
  }

  limitations(): readonly RuntimeLimitation[] {
    return this.#options.limitations ?? [];
  }

  async startSandbox(config: SandboxConfig): Promise<void> {
    this.#sandboxes.set(config.id, config);
    if (!this.#containers.has(config.id)) this.#containers.set(config.id, new Map());
  }

  async removeSandbox(id: string, options: { readonly removeLogs: boolean }): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    for (const container of this.#containers.get(id)?.values() ?? []) this.#end(container, { exitCode: 137, signal: 'SIGKILL', reason: 'Error' });
    this.#containers.delete(id);
    this.#sandboxes.delete(id);
    if (sandbox && options.removeLogs) rmSync(sandbox.logDirectory, { recursive: true, force: true });
  }

  async startContainer(config: ContainerConfig): Promise<ContainerRecord> {
    const { clock, behaviour } = this.#options;
    const sandbox = this.#sandboxes.get(config.sandboxId);
    const siblings = this.#containers.get(config.sandboxId);
    if (!sandbox || !siblings) throw new StartError('ERR_START_FAILED', `container ${config.id}: its sandbox ${config.sandboxId} was not started`);
    const known = siblings.get(config.id);
    if (known) return known.record;
    const program = behaviour?.(config, sandbox) ?? {};
    if (program.startError) throw new StartError(program.startError.code, program.startError.message);
    const pid = this.#nextPid++;
    const { id, sandboxId, name, attempt, logPath } = config;
    const startedAtMs = clock.now();
    const record: ContainerRecord = { id, sandboxId, name, attempt, state: 'running', pid, startTicks: String(pid), startedAtMs, logPath, droppedLogBytes: 0 };
    const container: FakeContainer = { record, program, timers: [] };
    siblings.set(id, container);
    if (program.output) {
      mkdirSync(dirname(logPath), { recursive: true });
      appendFileSync(logPath, program.output.map((line) => `${rfc3339Micro(startedAtMs)} stdout F ${line}\n`).join(''));
    }
    const later = (delayMs: number | undefined, run: () => void) => {
      if (delayMs !== undefined) container.timers.push(clock.after(delayMs, run));
    };
    later(program.readyAfterMs, () => this.#emit({ type: 'ready', containerId: id }));
    const code = program.exitCode ?? 0;
    later(program.exitsAfterMs, () => this.#end(container, { exitCode: code, reason: code === 0 ? 'Completed' : 'Error' }));
    later(program.runsOutOfMemoryAfterMs, () => this.#end(container, { exitCode: 137, signal: 'SIGKILL', reason: 'OOMKilled' }));
    if (config.inject === 'shared-port') for (const { host, port } of program.ports ?? []) this.#emit({ type: 'listening', containerId: id, host, port });
    return record;
  }

  #find(id: string): FakeContainer | undefined {
    return this.#containers.get(id.slice(0, id.indexOf('/')))?.get(id);
  }

  #end(container: FakeContainer, how: Pick<ContainerRecord, 'exitCode' | 'signal' | 'reason'>): void {
    if (container.record.state === 'exited') return;
    for (const timer of container.timers.splice(0)) timer.close();
    container.record = { ...container.record, state: 'exited', finishedAtMs: this.#options.clock.now(), ...how };
    this.#emit({ type: 'exited', container: container.record });
  }

  async drainContainer(id: string, limitMs: number): Promise<void> {
    this.calls.push({ call: 'drain', id, detail: limitMs });
    const container = this.#find(id);
    const waitMs = Math.min(limitMs, container?.program.drainsAfterMs ?? 0);
    if (waitMs > 0 && container?.record.state === 'running') await this.#options.clock.sleep(waitMs);
  }

  async signalContainer(id: string, signal: NodeJS.Signals): Promise<void> {
    this.calls.push({ call: 'signal', id, detail: signal });
    const container = this.#find(id);
    if (!container || container.record.state === 'exited' || !STOPPING.includes(signal)) return;
    const { ignores, stopsAfterMs, exitCode } = container.program;
    const exit = () => this.#end(container, { exitCode: 128 + constants.signals[signal], signal, reason: 'Error' });
    if (signal === 'SIGKILL') return exit();
    if (ignores?.includes(signal)) return;
    if (stopsAfterMs === undefined) return exit();
    const code = exitCode ?? 0;
    container.timers.push(this.#options.clock.after(stopsAfterMs, () => this.#end(container, { exitCode: code, reason: code === 0 ? 'Completed' : 'Error' })));
  }

  async sendMessage(id: string, message: unknown): Promise<boolean> {
    this.calls.push({ call: 'message', id, detail: message });
    return this.#find(id)?.record.state === 'running';
  }

  async removeContainer(id: string, options: { readonly keepLog: boolean }): Promise<void> {
    const container = this.#find(id);
    if (!container) return;
    if (container.record.state === 'running') throw new Error(`container ${id} still runs (pid ${container.record.pid}); stop it first`);
    this.#containers.get(container.record.sandboxId)?.delete(id);
    if (!options.keepLog) rmSync(container.record.logPath, { force: true });
  }

  async list(): Promise<{ readonly sandboxes: readonly SandboxConfig[]; readonly containers: readonly ContainerRecord[] }> {
    const containers = [...this.#containers.values()].flatMap((own) => [...own.values()].map((container) => container.record));
    return { sandboxes: [...this.#sandboxes.values()], containers };
  }

  subscribe(handler: (event: RuntimeEvent) => void): Closable {
    this.#handlers.add(handler);
    return { close: () => void this.#handlers.delete(handler) };
  }

  async exec(id: string, command: readonly string[], options: ExecOptions): Promise<{ readonly exitCode: number }> {
    const container = this.#find(id);
    if (container?.record.state !== 'running') throw new StartError('ERR_START_FAILED', 'the container does not run');
    const answer = container.program.exec?.(command) ?? { exitCode: 0 };
    if (answer.takesMs) await this.#options.clock.sleep(answer.takesMs, options.signal);
    if (answer.stdout) options.streams.stdout?.write(answer.stdout);
    if (answer.stderr) options.streams.stderr?.write(answer.stderr);
    return { exitCode: answer.exitCode };
  }

  async listeningPorts(id: string): Promise<readonly { readonly host: string; readonly port: number }[]> {
    const container = this.#find(id);
    return container?.record.state === 'running' ? (container.program.ports ?? []) : [];
  }

  async stats(id: string): Promise<ContainerStats | undefined> {
    const container = this.#find(id);
    if (container?.record.state !== 'running') return undefined;
    return container.program.stats ?? { cpuNanoseconds: 0, memoryBytes: 0, processes: 1 };
  }

  /** Events come after the call that caused them, as they do from real processes. */
  #emit(event: RuntimeEvent): void {
    queueMicrotask(() => {
      for (const handler of this.#handlers) handler(event);
    });
  }

  /** What a test does to a program from outside: it ends now. */
  crash(id: string, exitCode = 1): void {
    const container = this.#find(id);
    if (container) this.#end(container, { exitCode, reason: 'Error' });
  }

  close(): void {
    for (const own of this.#containers.values()) for (const container of own.values()) for (const timer of container.timers.splice(0)) timer.close();
    this.#handlers.clear();
  }
}

/** A runtime that starts no process; what its programs do is said by `behaviour`. */
export const createFakeRuntime = (options: FakeRuntimeOptions): FakeRuntime => new FakeRuntime(options);
