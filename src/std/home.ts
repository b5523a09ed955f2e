import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything of one drover home lives. Two homes on one machine share nothing. */
export interface HomePaths {
  readonly home: string;
  /** Eight hex digits that are the same for the same home: used in names of machine-wide things (bridges, cgroups). */
  readonly id: string;
  /** Sockets and process ids; short enough for a Unix socket's 107 bytes. */
  readonly run: string;
  readonly apiSocket: string;
  readonly shimSocket: string;
  readonly proxySocket: string;
  readonly shimPid: string;
  readonly daemonPid: string;
  readonly pki: string;
  readonly kubeconfig: string;
  /** The store's log and snapshots. */
  readonly state: string;
  /** What the shim knows: one JSON file a sandbox and a container. */
  readonly runtime: string;
  /** Volumes and etc files of pods: pods/<uid>/… */
  readonly pods: string;
  /** Kubernetes' layout: logs/pods/<ns>_<pod>_<uid>/<container>/<n>.log and logs/containers/… */
  readonly logs: string;
  readonly daemonLog: string;
  readonly shimLog: string;
  readonly proxyLog: string;
  readonly network: string;
}

/** DROVER_HOME, else $XDG_STATE_HOME/drover, else ~/.local/state/drover (root: /var/lib/drover). */
export function defaultHome(env: NodeJS.ProcessEnv): string {
  const given = env['DROVER_HOME'];
  if (given) return resolve(given);
  const xdg = env['XDG_STATE_HOME'];
  if (xdg) return join(xdg, 'drover');
  return userInfo().uid === 0 ? '/var/lib/drover' : join(env['HOME'] || homedir(), '.local/state/drover');
}

/** FNV-1a, 32 bits, as eight hex digits. For names, not for secrets: loading a cryptographic library would cost every command 7 ms. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** The paths of a home. Pure: nothing is created. */
export function homePaths(home: string): HomePaths {
  const id = shortHash(home);
  const inside = join(home, 'run');
  const run = inside.length > 80 ? join(tmpdir(), `drover-${userInfo().uid}-${id}`) : inside;
  return {
    home,
    id,
    run,
    apiSocket: join(run, 'api.sock'),
    shimSocket: join(run, 'shim.sock'),
    proxySocket: join(run, 'proxy.sock'),
    shimPid: join(run, 'shim.pid'),
    daemonPid: join(run, 'daemon.pid'),
    pki: join(home, 'pki'),
    kubeconfig: join(home, 'kubeconfig'),
    state: join(home, 'state'),
    runtime: join(home, 'runtime'),
    pods: join(home, 'pods'),
    logs: join(home, 'logs'),
    daemonLog: join(home, 'logs', 'daemon.log'),
    shimLog: join(home, 'logs', 'shim.log'),
    proxyLog: join(home, 'logs', 'proxy.log'),
    network: join(home, 'network'),
  };
}
