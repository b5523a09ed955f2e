import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.ts';

const DATA = '..data';

/**
 * Makes `directory` hold exactly these files, all at once for whoever reads them: files live in a fresh directory, `..data` is a link to it
 * that is replaced by one rename, and each top-level name is a link through `..data`. Nothing is written when nothing differs.
 * A crash at any point leaves the old files or the new ones. Returns whether anything changed.
 */
export async function writeAtomicDirectory(directory: string, payload: Payload, gid: number | undefined): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  if (old !== undefined && (await holds(join(directory, old), payload, gid))) {
    await linkNames(directory, payload);
    return false;
  }
  // Not join(): it would take the dots for the parent directory.
  const fresh = await mkdtemp(`${directory}/..`);
  await chmod(fresh, 0o755);
  for (const [path, file] of payload) {
    const target = join(fresh, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, file.data);
    await chmod(target, modeWith(file.mode, gid));
    if (gid !== undefined) await chown(target, -1, gid);
  }
  const link = join(directory, '..data_tmp');
  await rm(link, { force: true });
  await symlink(fresh.slice(directory.length + 1), link);
  await rename(link, join(directory, DATA));
  await linkNames(directory, payload);
  await removeStale(directory, fresh.slice(directory.length + 1));
  return true;
}

/** A group that owns the volume may always read it. */
const modeWith = (mode: number, gid: number | undefined): number => (gid === undefined ? mode : mode | 0o040);

async function holds(directory: string, payload: Payload, gid: number | undefined): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries || entries.filter((one) => one.isFile()).length !== payload.size) return false;
  for (const [path, file] of payload) {
    const target = join(directory, path);
    const data = await readFile(target).catch(() => undefined);
    if (!data?.equals(file.data)) return false;
    if (((await lstat(target)).mode & 0o7777) !== modeWith(file.mode, gid)) return false;
  }
  return true;
}

async function linkNames(directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/', 1)[0] ?? path));
  for (const name of wanted) await symlink(join(DATA, name), join(directory, name)).catch(ignoreExisting);
  for (const name of await readdir(directory)) if (!name.startsWith('..') && !wanted.has(name)) await rm(join(directory, name), { force: true });
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

async function removeStale(directory: string, current: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith('..') && name !== DATA && name !== current) await rm(join(directory, name), { recursive: true, force: true });
  }
}
