import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Timer } from '../../../std/index.ts';
import type { FifoPool } from './fifo-pool.ts';
import { openFifo } from './fifo-reader.ts';
import { LogFile } from './log-file.ts';
import { CHANNEL, type ChildMessage, type ParentMessage, type ProgramStatus } from './protocol.ts';

const LOG_LIMITS = { maxBytes: 10 * 1024 * 1024, maxFiles: 3 };
const MAX_BACKOFF_MS = 5000;
const FIRST_BACKOFF_MS = 100;
/** A program that ran this long has earned an immediate restart again. */
const STEADY_MS = 10_000;
const STOP_GRACE_MS = 10_000;

export interface ProgramOptions {
  /** daemon or proxy. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly logPath: string;
  /** Where its named pipe lies. */
  readonly directory: string;
  readonly clock: Clock;
  readonly fifos: FifoPool;
  readonly scratch: Buffer;
  readonly onMessage: (message: ChildMessage) => void;
  /** A new process of it runs; its channel is empty. */
  readonly onStart: (pid: number) => void;
  readonly log: (line: string) => void;
}

/**
 * One of drover's own programs, kept running: started again at once when it ends by itself, then after 0.1, 0.2, 0.4 … 5 seconds, for ever. Only
 * `stop` ends that.
 *
 *   stopped --start--> running --ends--> waiting --time--> running
 *      ^------------------stop----------------'
 */
export class Program {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #wanted = false;
  #timer: Timer | undefined;
  #restarts = 0;
  #backoffMs = 0;
  #lastExit: string | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  status(): ProgramStatus {
    const pid = this.#child?.pid;
    const state = pid !== undefined ? 'running' : this.#wanted ? 'waiting' : 'stopped';
    return { state, ...(pid === undefined ? {} : { pid }), restarts: this.#restarts, ...(this.#lastExit === undefined ? {} : { lastExit: this.#lastExit }) };
  }

  start(): void {
    this.#wanted = true;
    if (!this.#child && !this.#timer) this.#spawn();
  }

  /** Ends it: SIGTERM, and SIGKILL after 10 seconds. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#timer?.close();
    this.#timer = undefined;
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = this.#options.clock.after(STOP_GRACE_MS, () => child.kill('SIGKILL'));
    await gone;
    force.close();
  }

  send(message: ParentMessage, handle?: unknown): void {
    if (this.#child?.connected) this.#child.send(message, handle as never, () => {});
  }

  #spawn(): void {
    const { clock, name, log } = this.#options;
    const startedMs = clock.monotonic();
    let child: ChildProcess;
    try {
      child = this.#launch();
    } catch (error) {
      log(`${name}: could not be started: ${String(error)}`);
      this.#again(0);
      return;
    }
    this.#child = child;
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      this.#child = undefined;
      this.#lastExit = how;
      if (!this.#wanted) {
        log(`${name}: stopped (${how})`);
        return;
      }
      log(`${name}: ended unexpectedly (${how})`);
      this.#again(clock.monotonic() - startedMs);
    };
    child.on('internalMessage' as 'message', (message: unknown) => {
      if ((message as ChildMessage).cmd === CHANNEL) this.#options.onMessage(message as ChildMessage);
    });
    child.on('error', (error) => {
      if (child.pid === undefined) ended(error.message);
    });
    child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    if (child.pid !== undefined) {
      log(`${name}: started, pid ${child.pid}`);
      this.#options.onStart(child.pid);
    }
  }

  #again(ranMs: number): void {
    if (ranMs >= STEADY_MS) this.#backoffMs = 0;
    const delayMs = this.#backoffMs;
    this.#backoffMs = Math.min(MAX_BACKOFF_MS, this.#backoffMs === 0 ? FIRST_BACKOFF_MS : this.#backoffMs * 2);
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      if (!this.#wanted) return;
      this.#restarts += 1;
      this.#spawn();
    });
  }

  /** Its output goes through a pipe into a rotated file, so that a full disk or a dead shim never ends it. */
  #launch(): ChildProcess {
    const { name, file, args, logPath, directory, clock, fifos, scratch } = this.#options;
    const pipe = join(directory, `${name}.out`);
    fifos.take(pipe);
    const output = new LogFile(logPath, LOG_LIMITS, clock);
    const reader = openFifo(
      pipe,
      { scratch, clock },
      (bytes) => {
        output.append(bytes);
        output.settle();
      },
      () => {
        reader.close();
        output.close();
      },
    );
    const end = openSync(pipe, constants.O_RDWR);
    try {
      return spawn(process.execPath, [file, ...args], { cwd: '/', detached: true, stdio: ['ignore', end, end, 'ipc'] });
    } finally {
      closeSync(end);
    }
  }
}
