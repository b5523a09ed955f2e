import { readFile, statfs } from 'node:fs/promises';

/** Whether the machine runs short of something, with the figures. */
export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pids: boolean;
}

const MEMORY_FLOOR_BYTES = 100 * 1024 * 1024;
/** Kubernetes' tenth of a large disk is plenty: a machine of one's own is not kept empty. Both must be passed. */
const DISK_FLOOR = 0.1;
const DISK_FLOOR_BYTES = 1024 ** 3;
const PIDS_CEILING = 0.95;

/** Less than 100 MiB of memory, less than a tenth of the disk and 1 GiB, nearly all process ids in use. */
export async function measurePressure(directory: string): Promise<Pressure> {
  const [meminfo, disk, loadavg, pidMax] = await Promise.all([
    readFile('/proc/meminfo', 'utf8').catch(() => ''),
    statfs(directory).catch(() => undefined),
    readFile('/proc/loadavg', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/pid_max', 'utf8').catch(() => ''),
  ]);
  const availableKb = Number(/^MemAvailable:\s+(\d+)/m.exec(meminfo)?.[1] ?? Number.NaN);
  const threads = Number(/\/(\d+) /.exec(loadavg)?.[1] ?? Number.NaN);
  return {
    memory: availableKb * 1024 < MEMORY_FLOOR_BYTES,
    disk: disk !== undefined && disk.blocks > 0 && disk.bavail / disk.blocks < DISK_FLOOR && disk.bavail * disk.bsize < DISK_FLOOR_BYTES,
    pids: threads > Number(pidMax) * PIDS_CEILING,
  };
}
