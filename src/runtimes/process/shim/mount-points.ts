import { existsSync, mkdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../../std/index.ts';
import { type ContainerMount, StartError } from '../../contract.ts';

/**
 * Makes the mount points that do not exist, since a mount needs something to lie on. Returns what was made, deepest last, so that it can be taken away
 * again. Throws StartError.
 */
export function makeMountPoints(mounts: readonly ContainerMount[]): string[] {
  const made: string[] = [];
  for (const mount of mounts) {
    if (!existsSync(mount.source)) throw new StartError('ERR_START_MOUNT', `mounting on ${mount.mountPath}: ${mount.source} does not exist on this machine`);
    if (existsSync(mount.mountPath)) continue;
    const covered = mounts.some((other) => other !== mount && mount.mountPath.startsWith(`${other.mountPath}/`) && existsSync(other.source));
    const target = covered ? undefined : mount.mountPath;
    if (!target) continue;
    try {
      const missing: string[] = [];
      for (let path = dirname(target); !existsSync(path); path = dirname(path)) missing.unshift(path);
      for (const path of missing) {
        mkdirSync(path);
        made.push(path);
      }
      if (statSync(mount.source).isDirectory()) mkdirSync(target);
      else writeFileSync(target, '', { flag: 'wx' });
      made.push(target);
    } catch (cause) {
      throw new StartError(
        'ERR_START_MOUNT',
        `mount point ${mount.mountPath} does not exist and could not be made (${errorCode(cause)}); create it, or run drover as a user who may`,
        { cause },
      );
    }
  }
  return made;
}

/** Takes mount points away that are still empty; anything else in the way is somebody's data and stays. */
export function removeMountPoints(made: readonly string[]): void {
  for (const path of [...made].reverse()) {
    try {
      const stat = statSync(path);
      if (stat.isDirectory()) rmdirSync(path);
      else if (stat.size === 0) unlinkSync(path);
    } catch {
      // Not empty or gone already.
    }
  }
}
