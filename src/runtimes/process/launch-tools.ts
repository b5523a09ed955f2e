import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { RuntimeLimitation } from '../contract.ts';
import type { LaunchTools } from './launch.ts';

const PLACES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function locate(name: string): string | undefined {
  return PLACES.map((place) => `${place}/${name}`).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function works(file: string | undefined, args: readonly string[]): boolean {
  if (!file) return false;
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: 3000 });
    return true;
  } catch {
    return false;
  }
}

/** Looks once at what this machine and user allow; takes some milliseconds. */
export function findLaunchTools(): LaunchTools {
  const isRoot = process.getuid?.() === 0;
  const unshare = locate('unshare');
  const sh = locate('sh');
  const inNamespace = ['--propagation', 'private', sh ?? 'sh', '-c', 'mount --bind /tmp /tmp'];
  const mounts = works(unshare, ['--mount', ...inNamespace])
    ? 'root'
    : works(unshare, ['--map-current-user', '--keep-caps', '--mount', ...inNamespace])
      ? 'user'
      : 'none';
  return {
    sh,
    nsenter: locate('nsenter'),
    unshare,
    setpriv: locate('setpriv'),
    mount: locate('mount'),
    env: locate('env'),
    script: locate('script'),
    isRoot,
    mounts,
  };
}

/** What containers do not get here, in words for `drover status`. */
export function toolLimitations(tools: LaunchTools): RuntimeLimitation[] {
  const found: RuntimeLimitation[] = [];
  if (!tools.isRoot)
    found.push({ reason: 'NoUserChange', message: 'drover does not run as root: pods that name another user (runAsUser, runAsGroup, fsGroup) are refused' });
  if (tools.mounts === 'none')
    found.push({ reason: 'NoMountNamespaces', message: 'mount namespaces are not permitted: pods with volumes mounted at paths are refused' });
  return found;
}
