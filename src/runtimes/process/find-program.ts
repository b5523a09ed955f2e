import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { errorCode } from '../../std/index.ts';
import { type ContainerMount, StartError } from '../contract.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a path of the container lies on the machine before its mounts are made. */
export function machinePath(path: string, mounts: readonly ContainerMount[]): string {
  const mount = mounts
    .filter((candidate) => path === candidate.mountPath || path.startsWith(candidate.mountPath.replace(/\/?$/, '/')))
    .sort((a, b) => b.mountPath.length - a.mountPath.length)[0];
  return mount ? join(mount.source, path.slice(mount.mountPath.length)) : path;
}

/** hidden: a directory on the way may not be entered, so nobody can say whether the file is there. */
function runnable(path: string): 'yes' | 'absent' | 'hidden' | 'denied' {
  try {
    if (statSync(path).isDirectory()) return 'denied';
  } catch (error) {
    return errorCode(error) === 'EACCES' ? 'hidden' : 'absent';
  }
  try {
    accessSync(path, constants.X_OK);
    return 'yes';
  } catch {
    return 'denied';
  }
}

/**
 * Looks a program up as execvp would, so that a missing one is told before anything is started (helpers that enter namespaces would only exit with 127).
 * Returns the path to run, as the container sees it.
 */
export function findProgram(options: {
  readonly program: string;
  readonly path: string | undefined;
  readonly workingDirectory: string;
  readonly mounts: readonly ContainerMount[];
}): string {
  const { program, workingDirectory, mounts } = options;
  if (program.includes('/')) {
    const path = isAbsolute(program) ? program : resolve(workingDirectory, program);
    const state = runnable(machinePath(path, mounts));
    if (state === 'yes') return path;
    if (state === 'denied')
      throw new StartError('ERR_START_PERMISSION', `${path} is not an executable file; make it one (chmod +x) or name an interpreter before it`);
    if (state === 'hidden') throw new StartError('ERR_START_PERMISSION', `${path} cannot be reached: a directory on the way may not be entered by this user`);
    throw new StartError('ERR_START_COMMAND_NOT_FOUND', `no such program: ${path} (given as ${program}, working directory ${workingDirectory})`);
  }
  const searched = options.path ?? DEFAULT_PATH;
  let denied: string | undefined;
  for (const directory of searched.split(':')) {
    const path = resolve(workingDirectory, directory, program);
    const state = runnable(machinePath(path, mounts));
    if (state === 'yes') return path;
    if (state === 'denied') denied ??= path;
  }
  if (denied) throw new StartError('ERR_START_PERMISSION', `${denied} is not an executable file; make it one (chmod +x)`);
  throw new StartError('ERR_START_COMMAND_NOT_FOUND', `command ${JSON.stringify(program)} was not found in PATH=${searched}`);
}
