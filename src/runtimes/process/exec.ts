import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ExecStreams } from '../../apimachinery/index.ts';
import type { Clock, Timer } from '../../std/index.ts';
import { StartError } from '../contract.ts';
import { findProgram } from './find-program.ts';
import { type LaunchTools, planLaunch, quote } from './launch.ts';
import { sendSignal } from './processes.ts';
import type { ContainerDescription } from './shim/protocol.ts';
import { firstSize, followTerminalSize, sizeWords, type TerminalSize } from './terminal-size.ts';

export interface ExecOptions {
  readonly tty: boolean;
  readonly timeoutMs?: number;
  readonly streams: ExecStreams;
  readonly signal?: AbortSignal;
}

/** The command did not end within its time; it and what it started were killed. */
class ExecTimeoutError extends Error {
  readonly code = 'ERR_EXEC_TIMEOUT';
}

/** Output of something that the command left running in the background is waited for this long. */
const TAIL_MS = 1000;

/** The command line that runs `command` where the container's process is: its control groups, namespaces, directory and user. Throws StartError. */
function planExec(description: ContainerDescription, command: readonly string[], tty: boolean, tools: LaunchTools, size?: TerminalSize) {
  const { config, sandbox, record, cgroups, hasMounts } = description;
  if (!config || !sandbox || record?.state !== 'running') throw new StartError('ERR_START_FAILED', 'the container does not run');
  const [name, ...rest] = command;
  if (!name) throw new StartError('ERR_START_FAILED', 'the command is empty');
  const env: { [name: string]: string } = { ...(description.env ?? { ...sandbox.network.env, ...config.env }) };
  if (tty) env['TERM'] ??= 'xterm';
  const program = findProgram({ program: name, path: env['PATH'], workingDirectory: config.workingDirectory, mounts: config.mounts });
  const inner = planLaunch(
    {
      command: tty ? terminal([program, ...rest], tools, size) : [program, ...rest],
      env,
      workingDirectory: config.workingDirectory,
      cgroupDirectories: [],
      mounts: [],
      listenFds: 0,
      ...(config.user ? { user: config.user } : {}),
    },
    tools,
  );
  let argv = [inner.file, ...inner.args];
  const namespaces = [
    ...(hasMounts ? [...(tools.isRoot ? [] : [`--user=/proc/${record.pid}/ns/user`, '--preserve-credentials']), `--mount=/proc/${record.pid}/ns/mnt`] : []),
    ...(sandbox.network.netnsPath ? [`--net=/proc/${record.pid}/ns/net`, ...(tools.isRoot ? [`--uts=/proc/${record.pid}/ns/uts`] : [])] : []),
  ];
  if (namespaces.length > 0) {
    if (!tools.nsenter || !tools.sh) throw new StartError('ERR_START_FAILED', 'entering the container needs nsenter and sh (package util-linux)');
    argv = [tools.nsenter, ...namespaces, tools.sh, '-c', `cd ${quote(config.workingDirectory)} || exit 126\nexec "$@"`, 'sh', ...argv];
  }
  return planLaunch(
    { command: argv, env, workingDirectory: hasMounts ? '/' : config.workingDirectory, cgroupDirectories: cgroups, mounts: [], listenFds: 0 },
    tools,
  );
}

function terminal(command: readonly string[], tools: LaunchTools, size: TerminalSize | undefined): readonly string[] {
  if (!tools.script) throw new StartError('ERR_START_FAILED', 'a terminal needs the program script, which is not installed (package util-linux)');
  const sized = size ? `stty ${sizeWords(size).join(' ')} 2>/dev/null; ` : '';
  // The caller's own terminal is in raw mode: this one has to echo.
  return [tools.script, '--quiet', '--return', '--flush', '--echo', 'always', '--command', `${sized}exec ${command.map(quote).join(' ')}`, '/dev/null'];
}

/** Runs a command beside a container's process. Resolves with its exit code (128 + signal when one ended it) once its output was passed on. */
export async function execInContainer(
  id: string,
  description: ContainerDescription,
  command: readonly string[],
  options: ExecOptions,
  { tools, clock }: { readonly tools: LaunchTools; readonly clock: Clock },
): Promise<{ readonly exitCode: number }> {
  const { streams, tty } = options;
  options.signal?.throwIfAborted();
  const sizes = tty && streams.resize ? await firstSize(streams.resize, clock) : undefined;
  options.signal?.throwIfAborted();
  const launch = planExec(description, command, tty, tools, sizes?.first);
  const env = {
    ...(description.env ?? { ...description.sandbox?.network.env, ...description.config?.env }),
    ...(tty ? { TERM: description.config?.env['TERM'] ?? 'xterm' } : {}),
  };
  const child = spawn(launch.file, [...launch.args], {
    cwd: launch.cwd,
    env,
    detached: true,
    stdio: [streams.stdin || tty ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const over = new AbortController();
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) sendSignal(-child.pid, 'SIGKILL');
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  let timedOut = false;
  const limit =
    options.timeoutMs === undefined
      ? undefined
      : clock.after(options.timeoutMs, () => {
          timedOut = true;
          kill();
        });
  try {
    connectStreams(child, streams, tty);
    if (sizes && child.pid !== undefined) void followTerminalSize(child.pid, sizes.rest, clock, over.signal);
    const exitCode = await ended(child, command[0] ?? '', clock);
    if (timedOut) throw new ExecTimeoutError(`command ${JSON.stringify(command)} in ${id} timed out after ${options.timeoutMs} ms`);
    options.signal?.throwIfAborted();
    return { exitCode };
  } finally {
    limit?.close();
    over.abort();
    options.signal?.removeEventListener('abort', kill);
  }
}

function connectStreams(child: ChildProcess, streams: ExecStreams, tty: boolean): void {
  if (child.stdin) {
    // The command may end without reading all of its input.
    child.stdin.on('error', () => {});
    if (streams.stdin) streams.stdin.pipe(child.stdin);
  }
  if (streams.stdout) child.stdout?.pipe(streams.stdout, { end: false });
  else child.stdout?.resume();
  const errors = tty ? streams.stdout : streams.stderr;
  if (errors) child.stderr?.pipe(errors, { end: false });
  else child.stderr?.resume();
}

function ended(child: ChildProcess, program: string, clock: Clock): Promise<number> {
  return new Promise((resolve, reject) => {
    let exitCode = 255;
    let tail: Timer | undefined;
    child.once('error', (cause) => reject(new StartError('ERR_START_FAILED', `running ${program} failed: ${cause.message}`, { cause })));
    child.once('exit', (code, signal) => {
      exitCode = signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 255);
      tail = clock.after(TAIL_MS, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
    });
    child.once('close', () => {
      tail?.close();
      resolve(exitCode);
    });
  });
}
