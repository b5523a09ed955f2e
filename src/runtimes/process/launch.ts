import { type ContainerMount, StartError } from '../contract.ts';

/** Programs of util-linux and the shell that enter surroundings and then exec in place, so that the pid stays the app's. Paths; undefined when missing. */
export interface LaunchTools {
  readonly sh: string | undefined;
  readonly nsenter: string | undefined;
  readonly unshare: string | undefined;
  readonly setpriv: string | undefined;
  readonly mount: string | undefined;
  readonly env: string | undefined;
  readonly script: string | undefined;
  readonly isRoot: boolean;
  /** Whether mounts can be made: as root, in an unprivileged user namespace, or not at all. */
  readonly mounts: 'root' | 'user' | 'none';
}

export interface Surroundings {
  /** Found program and its arguments. */
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly workingDirectory: string;
  readonly cgroupDirectories: readonly string[];
  readonly netnsPath?: string;
  /** What the machine is called inside; only as root and with mounts, else it is the machine's own name. */
  readonly hostname?: string;
  readonly mounts: readonly ContainerMount[];
  readonly user?: { readonly uid?: number; readonly gid?: number; readonly supplementalGroups?: readonly number[] };
  /** Number of descriptors passed from 3 on (LISTEN_FDS). */
  readonly listenFds: number;
  /** Descriptor on which a failing mount is told; 3..9. */
  readonly statusFd?: number;
}

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Directory to spawn in; with mounts the chain changes into it by itself, after they are made. */
  readonly cwd: string;
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const need = (tool: string | undefined, name: string, purpose: string): string => {
  if (tool) return tool;
  throw new StartError('ERR_START_FAILED', `${purpose} needs the program ${name}, which is not installed (package util-linux)`);
};

function withUser(argv: readonly string[], surroundings: Surroundings, tools: LaunchTools): readonly string[] {
  const { user } = surroundings;
  const isOther = user?.uid !== undefined && user.uid !== process.getuid?.();
  const isOtherGroup = user?.gid !== undefined && user.gid !== process.getgid?.();
  const hasGroups = (user?.supplementalGroups?.length ?? 0) > 0;
  if (!user || (!isOther && !isOtherGroup && !hasGroups)) return argv;
  if (!tools.isRoot) {
    throw new StartError(
      'ERR_START_PERMISSION',
      `running as uid ${user.uid ?? '(own)'} gid ${user.gid ?? '(own)'} needs drover to run as root; remove runAsUser, runAsGroup and supplementalGroups, or use uid ${process.getuid?.()}`,
    );
  }
  const uid = user.uid ?? 0;
  const gid = user.gid ?? (user.uid === undefined ? 0 : user.uid);
  const groups = user.supplementalGroups?.length ? `--groups=${user.supplementalGroups.join(',')}` : '--clear-groups';
  return [need(tools.setpriv, 'setpriv', 'changing the user'), `--reuid=${uid}`, `--regid=${gid}`, groups, '--', ...argv];
}

/** A shell drops variables whose names it cannot express; they are handed on by env(1). */
function withOddNames(argv: readonly string[], surroundings: Surroundings, tools: LaunchTools): readonly string[] {
  const odd = Object.entries(surroundings.env).filter(([name]) => !SHELL_NAME.test(name));
  if (odd.length === 0) return argv;
  return [need(tools.env, 'env', 'an environment name with dots or dashes'), ...odd.map(([name, value]) => `${name}=${value}`), ...argv];
}

const ownHostname = ({ hostname, mounts }: Surroundings, tools: LaunchTools): string | undefined =>
  tools.mounts === 'root' && mounts.length > 0 ? hostname : undefined;

function mountScript(surroundings: Surroundings, tools: LaunchTools): string {
  const mount = need(tools.mount, 'mount', 'mounting volumes');
  const fd = surroundings.statusFd;
  const tell = fd === undefined ? '>&2' : `>&${fd}`;
  const lines = [`fail() { echo "$1" ${tell}; exit 126; }`];
  const name = ownHostname(surroundings, tools);
  if (name)
    lines.push(`echo ${quote(name)} 2>/dev/null >/proc/sys/kernel/hostname || hostname ${quote(name)} || fail ${quote(`setting the hostname ${name} failed`)}`);
  for (const { source, mountPath, readOnly } of surroundings.mounts) {
    const failure = quote(`mounting ${source} on ${mountPath} failed`);
    lines.push(`why=$(${mount} --bind ${quote(source)} ${quote(mountPath)} 2>&1) || fail ${failure}": $why"`);
    if (readOnly) lines.push(`why=$(${mount} -o remount,bind,ro ${quote(mountPath)} 2>&1) || fail ${failure}" read-only: $why"`);
  }
  lines.push(`cd ${quote(surroundings.workingDirectory)} 2>/dev/null || fail ${quote(`working directory ${surroundings.workingDirectory} does not exist`)}`);
  lines.push('unset why');
  lines.push(fd === undefined ? 'exec "$@"' : `exec "$@" ${fd}>&-`);
  return lines.join('\n');
}

/**
 * The command line that enters a container's surroundings, outermost first: control groups, network namespace, mount namespace, user, program. Each
 * link replaces itself with the next, so no helper stays and signals reach the app. Without surroundings it is the program itself.
 */
export function planLaunch(surroundings: Surroundings, tools: LaunchTools): Launch {
  let argv = withUser(surroundings.command, surroundings, tools);
  if (surroundings.mounts.length > 0) {
    if (tools.mounts === 'none') {
      throw new StartError(
        'ERR_START_MOUNT',
        `mounting ${surroundings.mounts.map((mount) => mount.mountPath).join(', ')} needs root or unprivileged user namespaces, and this machine gives neither; run drover as root, or enable user namespaces (sysctl kernel.unprivileged_userns_clone=1)`,
      );
    }
    const sh = need(tools.sh, 'sh', 'mounting volumes');
    const entry =
      tools.mounts === 'root'
        ? [...(ownHostname(surroundings, tools) ? ['--uts'] : []), '--mount', '--propagation', 'private']
        : ['--map-current-user', '--keep-caps', '--mount', '--propagation', 'private'];
    // Capabilities of the user namespace serve the mounts only; the app gets none of them.
    const dropped =
      tools.mounts === 'root' ? argv : [need(tools.setpriv, 'setpriv', 'mounting volumes'), '--inh-caps=-all', '--ambient-caps=-all', '--', ...argv];
    argv = [
      need(tools.unshare, 'unshare', 'mounting volumes'),
      ...entry,
      sh,
      '-c',
      mountScript(surroundings, tools),
      'sh',
      ...withOddNames(dropped, surroundings, tools),
    ];
  }
  if (surroundings.netnsPath) argv = [need(tools.nsenter, 'nsenter', 'a network namespace'), `--net=${surroundings.netnsPath}`, ...argv];
  if (surroundings.cgroupDirectories.length > 0 || surroundings.listenFds > 0) {
    const sh = need(tools.sh, 'sh', 'control groups');
    const lines = surroundings.cgroupDirectories.map((directory) => `echo $$ > ${quote(`${directory}/cgroup.procs`)}`);
    if (surroundings.listenFds > 0) lines.push(`export LISTEN_PID=$$ LISTEN_FDS=${surroundings.listenFds}`);
    lines.push('exec "$@"');
    argv = [sh, '-c', lines.join('\n'), 'sh', ...withOddNames(argv, surroundings, tools)];
  }
  return { file: argv[0]!, args: argv.slice(1), cwd: surroundings.mounts.length > 0 ? '/' : surroundings.workingDirectory };
}
