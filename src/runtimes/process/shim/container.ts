import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { type Clock, isAlive, readStat } from '../../../std/index.ts';
import type { ContainerRecord, RuntimeEvent } from '../../contract.ts';
import { familyOf, holdersOf, sendSignal } from '../processes.ts';
import { cgroupPids, oomKills, removeCgroup } from './cgroups.ts';
import type { Output } from './output.ts';
import { CHANNEL, type ChildMessage, type ParentMessage } from './protocol.ts';
import type { Records, StoredContainer } from './records.ts';

const KILL_ROUNDS = 20;
const WATCH_MS = 500;

export interface ContainerParts {
  readonly clock: Clock;
  readonly records: Records;
  readonly emit: (event: RuntimeEvent) => void;
  /** An injected program asks for a listening socket. */
  readonly onListen: (container: Container, message: ChildMessage & { act: 'listen' }) => void;
}

/**
 * One container's process from its start to its end:
 *
 *   running (our child, or adopted from a shim before us) --end of the process--> exited
 *
 * Whatever the process leaves behind (children in its group or control group) is killed when it ends, as a container's would be, and its output is
 * complete in the log before `exited` is told.
 */
export class Container {
  stored: StoredContainer & { readonly record: ContainerRecord };
  readonly #parts: ContainerParts;
  #child: ChildProcess | undefined;
  #output: Output | undefined;
  #drained: (() => void) | undefined;
  #memoryKilled = false;

  constructor(stored: StoredContainer & { readonly record: ContainerRecord }, parts: ContainerParts) {
    this.stored = stored;
    this.#parts = parts;
  }

  get record(): ContainerRecord {
    const dropped = this.#output?.droppedBytes;
    return dropped ? { ...this.stored.record, droppedLogBytes: dropped } : this.stored.record;
  }

  get isRunning(): boolean {
    return this.stored.record.state === 'running';
  }

  /** Watches a child of ours. It must not have ended unseen: call in the turn in which it was started. */
  own(child: ChildProcess, output: Output): void {
    this.#child = child;
    this.#output = output;
    child.on('internalMessage' as 'message', (message: unknown) => this.#onInternal(message as ChildMessage));
    child.on('message', (message) => {
      const id = this.stored.config.id;
      if (message === 'ready') this.#parts.emit({ type: 'ready', containerId: id });
      else this.#parts.emit({ type: 'message', containerId: id, message });
    });
    // A channel that breaks while something is sent is the child's end being closed; its exit tells the rest.
    child.on('error', () => {});
    if (child.exitCode !== null || child.signalCode !== null) this.#ended(child.exitCode, child.signalCode);
    else child.once('exit', (code, signal) => this.#ended(code, signal));
  }

  /** Watches a process that another shim started; how it ends cannot be known. */
  adopt(output: Output): void {
    this.#output = output;
    const timer = this.#parts.clock.every(WATCH_MS, () => {
      if (!this.isRunning) timer.close();
      else this.checkAdopted();
    });
  }

  /** Looks whether an adopted process still lives. */
  checkAdopted(): void {
    const { pid, startTicks } = this.stored.record;
    if (this.#child || !this.isRunning || isAlive(pid, startTicks)) return;
    this.#finish({
      exitCode: 255,
      reason: 'Unknown',
      message: 'the process ended while it had been taken over from an earlier shim: its exit code is not known',
    });
  }

  /** Sends a signal to the main process or to all of the container. Harmless after its end. */
  signal(signal: NodeJS.Signals, mainOnly: boolean): void {
    const { pid, startTicks } = this.stored.record;
    if (!this.isRunning || !isAlive(pid, startTicks)) return;
    if (mainOnly) {
      sendSignal(pid, signal);
      return;
    }
    // script(1) gives the program a session of its own, and any program may leave the group. They are looked up first: children of a dead process cannot be told.
    const outside = this.stored.config.tty || signal === 'SIGKILL' ? this.pids().filter((other) => readStat(other)?.group !== pid) : [];
    sendSignal(-pid, signal);
    for (const other of outside) sendSignal(other, signal);
  }

  pids(): readonly number[] {
    const inGroup = cgroupPids(this.stored.cgroups);
    return inGroup.length > 0 ? inGroup : this.isRunning ? familyOf(this.stored.record.pid) : [];
  }

  /** Ends the container because it uses more memory than it may, where the kernel cannot. */
  killForMemory(): void {
    this.#memoryKilled = true;
    this.signal('SIGKILL', false);
  }

  /** Sends to the program's own channel; false when there is none. */
  send(message: unknown): boolean {
    if (!this.#child?.connected || message === undefined || message === null) return false;
    this.#child.send(message as object, () => {});
    return true;
  }

  answer(message: ParentMessage, handle?: unknown): void {
    if (this.#child?.connected) this.#child.send(message, handle as never, () => {});
  }

  /** Resolves when an injected program has finished what was under way, or after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    if (!this.isRunning || this.stored.config.inject !== 'shared-port' || !this.#child?.connected) return;
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(limitMs, resolve);
      this.#drained = () => {
        timer.close();
        resolve();
      };
      this.answer({ cmd: CHANNEL, act: 'drain', limitMs });
    });
    this.#drained = undefined;
  }

  /** Stops watching without touching the process: another shim goes on. */
  release(): void {
    this.#output?.close();
  }

  #onInternal(message: ChildMessage): void {
    if (message.cmd !== CHANNEL) return;
    const id = this.stored.config.id;
    if (message.act === 'listen') this.#parts.onListen(this, message as ChildMessage & { act: 'listen' });
    else if (message.act === 'listening') this.#parts.emit({ type: 'listening', containerId: id, host: message.host, port: message.port });
    else if (message.act === 'drained') this.#drained?.();
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.isRunning) return;
    if (signal) {
      const exitCode = 128 + (constants.signals[signal] ?? 0);
      const isOom = signal === 'SIGKILL' && (this.#memoryKilled || oomKills(this.stored.cgroups) > 0);
      if (isOom) this.#finish({ exitCode, signal, reason: 'OOMKilled', message: 'the memory limit was reached' });
      else this.#finish({ exitCode, signal, reason: 'Error' });
    } else this.#finish({ exitCode: code ?? 255, reason: code === 0 ? 'Completed' : 'Error' });
  }

  #finish(end: Pick<ContainerRecord, 'exitCode' | 'signal' | 'reason' | 'message'>): void {
    if (this.stored.cgroups.length > 0) killCgroup(this.stored.cgroups);
    // The group's number stays taken while any member lives, so this reaches what the process left behind or nobody.
    else this.#killWithoutCgroup();
    this.#output?.finish();
    this.#drained?.();
    const droppedLogBytes = this.#output?.droppedBytes ?? 0;
    this.#output = undefined;
    this.#child = undefined;
    this.stored = { ...this.stored, record: { ...this.stored.record, state: 'exited', finishedAtMs: this.#parts.clock.now(), droppedLogBytes, ...end } };
    this.save();
    this.#parts.emit({ type: 'exited', container: this.stored.record });
    this.#removeCgroup(5);
  }

  /** What left the process group is known by the output pipes that it still has open. Looking for it means looking at every process of the machine. */
  #killWithoutCgroup(): void {
    const { records } = this.#parts;
    const { id } = this.stored.config;
    sendSignal(-this.stored.record.pid, 'SIGKILL');
    if (this.#output?.isAbandoned()) return;
    for (const pid of [...holdersOf(records.containerFile(id, 'out')), ...holdersOf(records.containerFile(id, 'err'))]) {
      if (pid !== process.pid) sendSignal(pid, 'SIGKILL');
    }
  }

  save(): void {
    try {
      this.#parts.records.saveContainer(this.stored);
    } catch {
      // A full disk must not end the watch over the apps; what is in memory is told to whoever asks.
    }
  }

  /** A killed process leaves its group only once it is reaped, a little later. */
  #removeCgroup(tries: number): void {
    if (removeCgroup(this.stored.cgroups) || tries === 0) return;
    this.#parts.clock.after(50, () => this.#removeCgroup(tries - 1));
  }
}

/** Kills whatever is in the control groups, also what is started meanwhile. */
export function killCgroup(cgroups: readonly string[]): void {
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const left = cgroupPids(cgroups).filter((pid) => readStat(pid)?.state !== 'Z');
    if (left.length === 0) return;
    for (const pid of left) sendSignal(pid, 'SIGKILL');
  }
}
