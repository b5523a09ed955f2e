import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether `path` is a mount point now. */
async function isMounted(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => line.split(' ')[1] === path);
}

/**
 * An emptyDir: a directory that everyone in the pod may write. `memoryBytes` (0: no limit) asks for tmpfs; where mounting is not permitted
 * it is a directory on disk and the reason is returned. Repeating it keeps what is there.
 */
export async function makeEmptyDir(path: string, options: { readonly memoryBytes?: number; readonly gid?: number }): Promise<{ readonly notice?: string }> {
  await mkdir(path, { recursive: true });
  let notice: string | undefined;
  if (options.memoryBytes !== undefined && !(await isMounted(path))) {
    const size = options.memoryBytes > 0 ? [`size=${options.memoryBytes}`, 'mode=0777'] : ['mode=0777'];
    notice = await run('mount', ['-t', 'tmpfs', '-o', size.join(','), 'tmpfs', path], { timeout: 10_000 }).then(
      () => undefined,
      (error: unknown) =>
        `tmpfs could not be mounted (${error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error)}): the volume is a directory on disk`,
    );
  }
  await chmod(path, options.gid === undefined ? 0o777 : 0o2777);
  if (options.gid !== undefined) await chown(path, -1, options.gid);
  return notice === undefined ? {} : { notice };
}

/** Unmounts what `makeEmptyDir` may have mounted below a pod's directory. */
export async function unmountBelow(directory: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const inside = mounts
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of inside.reverse()) await run('umount', [path], { timeout: 10_000 });
}
