import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type ContainerConfig, type ContainerMount, type SandboxConfig, StartError } from '../../contract.ts';
import { findProgram, machinePath } from '../find-program.ts';
import { type LaunchTools, planLaunch, quote } from '../launch.ts';
import { type OutputPaths, withChildEnds } from './output.ts';

const FIRST_EXTRA_FD = 3;
const LAST_SHELL_FD = 9;

export interface SpawnRequest {
  readonly config: ContainerConfig;
  readonly sandbox: SandboxConfig;
  readonly cgroups: readonly string[];
  readonly paths: OutputPaths;
  readonly tools: LaunchTools;
  /** Directory of the injected files. */
  readonly injectDirectory: string;
  /** Descriptors of held sockets for LISTEN_FDS. */
  readonly listenFds: readonly number[];
}

/** The container's own mounts and, where its network has them, resolv.conf and hosts. */
export function allMounts(config: ContainerConfig, sandbox: SandboxConfig, tools: LaunchTools): readonly ContainerMount[] {
  const { resolvConf, etcHosts } = sandbox.network;
  const names: ContainerMount[] = [];
  // Without mounts, names still resolve through the injected file; refusing every pod for it would help nobody.
  if (tools.mounts !== 'none') {
    if (resolvConf) names.push({ source: resolvConf, mountPath: '/etc/resolv.conf', readOnly: false });
    if (etcHosts) names.push({ source: etcHosts, mountPath: '/etc/hosts', readOnly: false });
  }
  return [...config.mounts, ...names];
}

/** At most 63 characters, as names of machines are. */
const hostnameOf = ({ hostname, pod }: SandboxConfig): string => (hostname ?? pod).slice(0, 63).replace(/[-.]+$/, '');

/** The environment of the program: the sandbox's, over it the container's own, and what loads the injected file. */
export function containerEnvironment(config: ContainerConfig, sandbox: SandboxConfig, injectDirectory: string): { [name: string]: string } {
  const env: { [name: string]: string } = { ...sandbox.network.env, ...config.env };
  const load = (file: string) => `--require ${JSON.stringify(join(injectDirectory, file))}`;
  // The pod's address holds for the program's children as well; the channel is the program's own.
  const inherited = [env['NODE_OPTIONS'] ?? '', ...(config.inject === 'pod-address' ? [load('pod-address.cjs')] : [])].filter(Boolean).join(' ');
  const own = config.inject === 'shared-port' ? [load('shared-port.cjs')] : config.ipc ? [load('channel-guard.cjs')] : [];
  const all = [inherited, ...own].filter(Boolean).join(' ');
  if (all) env['NODE_OPTIONS'] = all;
  if (own.length > 0) env['DROVER_CHILD_NODE_OPTIONS'] = inherited;
  return env;
}

function checkWorkingDirectory(directory: string, mounts: readonly ContainerMount[]): void {
  try {
    if (statSync(machinePath(directory, mounts)).isDirectory()) return;
  } catch (cause) {
    throw new StartError('ERR_START_FAILED', `working directory ${directory} does not exist or cannot be entered`, { cause });
  }
  throw new StartError('ERR_START_FAILED', `working directory ${directory} is not a directory`);
}

function startFailure(error: NodeJS.ErrnoException, program: string): StartError {
  if (error.code === 'EACCES') return new StartError('ERR_START_PERMISSION', `${program} may not be run by this user`, { cause: error });
  if (error.code === 'ENOENT') {
    return new StartError('ERR_START_COMMAND_NOT_FOUND', `${program} could not be run: its interpreter (the #! line) does not exist`, { cause: error });
  }
  return new StartError('ERR_START_FAILED', `starting ${program} failed: ${error.message}`, { cause: error });
}

/** Reads what a failing mount says; empty once the program itself runs. */
async function readStatus(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const part of stream) text += part;
  return text.trim();
}

/** Starts a container's process and resolves once the program runs (its helpers included). Throws StartError. */
export async function spawnContainer(request: SpawnRequest): Promise<ChildProcess> {
  const { config, sandbox, tools, listenFds } = request;
  const mounts = allMounts(config, sandbox, tools);
  const env = containerEnvironment(config, sandbox, request.injectDirectory);
  checkWorkingDirectory(config.workingDirectory, mounts);
  const [name, ...rest] = config.command;
  if (!name) throw new StartError('ERR_START_FAILED', 'the command is empty');
  const program = findProgram({ program: name, path: env['PATH'], workingDirectory: config.workingDirectory, mounts });
  const hasStatus = mounts.length > 0;
  const statusFd = FIRST_EXTRA_FD + listenFds.length;
  if (hasStatus && statusFd > LAST_SHELL_FD) {
    throw new StartError('ERR_START_FAILED', `a container with mounts may be given at most ${LAST_SHELL_FD - FIRST_EXTRA_FD} listening sockets`);
  }
  const launch = planLaunch(
    {
      command: config.tty ? terminalCommand([program, ...rest], tools) : [program, ...rest],
      env,
      workingDirectory: config.workingDirectory,
      cgroupDirectories: request.cgroups,
      // Who shares the machine's network shares its name.
      ...(sandbox.network.netnsPath ? { netnsPath: sandbox.network.netnsPath, hostname: hostnameOf(sandbox) } : {}),
      mounts,
      ...(config.user ? { user: config.user } : {}),
      listenFds: listenFds.length,
      ...(hasStatus ? { statusFd } : {}),
    },
    tools,
  );
  const child = withChildEnds(request.paths, (stdout, stderr) =>
    spawn(launch.file, [...launch.args], {
      cwd: launch.cwd,
      env,
      detached: true,
      stdio: [
        config.stdin ? 'pipe' : 'ignore',
        stdout,
        stderr,
        ...listenFds,
        ...(hasStatus ? (['pipe'] as const) : []),
        ...(config.ipc || config.inject === 'shared-port' ? (['ipc'] as const) : []),
      ],
    }),
  );
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(startFailure(error, program)));
  });
  if (hasStatus) {
    const failure = await readStatus(child.stdio[statusFd] as Readable);
    if (failure) throw new StartError('ERR_START_MOUNT', failure);
  }
  return child;
}

/** A container with a terminal runs below script(1), which makes one; its session still belongs to the container's control group. */
function terminalCommand(command: readonly string[], tools: LaunchTools): readonly string[] {
  if (!tools.script) throw new StartError('ERR_START_FAILED', 'a terminal (tty: true) needs the program script, which is not installed (package util-linux)');
  return [tools.script, '--quiet', '--return', '--flush', '--command', `exec ${command.map(quote).join(' ')}`, '/dev/null'];
}
