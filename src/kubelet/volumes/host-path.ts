import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { ConfigError } from '../env/config-error.ts';

type Stats = Awaited<ReturnType<typeof stat>>;

const CHECKS: { readonly [type: string]: { readonly fits: (stats: Stats) => boolean; readonly what: string } } = {
  Directory: { fits: (stats) => stats.isDirectory(), what: 'a directory' },
  DirectoryOrCreate: { fits: (stats) => stats.isDirectory(), what: 'a directory' },
  File: { fits: (stats) => stats.isFile(), what: 'a file' },
  FileOrCreate: { fits: (stats) => stats.isFile(), what: 'a file' },
  Socket: { fits: (stats) => stats.isSocket(), what: 'a socket file' },
  CharDevice: { fits: (stats) => stats.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { fits: (stats) => stats.isBlockDevice(), what: 'a block device' },
};

/** Checks (and for …OrCreate makes) what a hostPath volume points to. Throws ConfigError in Kubernetes' words. */
export async function checkHostPath(path: string, type: string | undefined): Promise<void> {
  if (!type) {
    // Without a type Kubernetes' runtimes create a missing directory.
    if (!(await lstat(path).catch(() => undefined))) await mkdir(path, { recursive: true, mode: 0o755 });
    return;
  }
  const check = CHECKS[type];
  if (!check) throw new ConfigError(`hostPath type check failed: unknown type ${type} for ${path}`);
  let stats = await stat(path).catch(() => undefined);
  if (!stats && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (!stats && type === 'FileOrCreate') await (await open(path, 'a', 0o644)).close();
  stats ??= await stat(path).catch(() => undefined);
  if (!stats || !check.fits(stats)) throw new ConfigError(`hostPath type check failed: ${path} is not ${check.what}`);
}
