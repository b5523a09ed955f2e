import { readStat } from '../../../std/index.ts';
import type { ContainerStats } from '../../contract.ts';
import { cgroupUsage } from './cgroups.ts';

/** Linux reports CPU time to programs in hundredths of a second, whatever the kernel's own tick. */
const NANOSECONDS_PER_TICK = 10_000_000;
const PAGE_BYTES = 4096;

/** CPU time and memory of a container: from its control group, else the sum over its processes. */
export function usageOf(cgroups: readonly string[], pids: readonly number[]): ContainerStats {
  const measured = cgroupUsage(cgroups);
  const stats = pids.map(readStat).filter((stat) => stat !== undefined);
  const sum = (field: 'cpuTicks' | 'residentPages') => stats.reduce((total, stat) => total + stat[field], 0);
  return {
    cpuNanoseconds: measured.cpuNanoseconds ?? sum('cpuTicks') * NANOSECONDS_PER_TICK,
    memoryBytes: measured.memoryBytes ?? sum('residentPages') * PAGE_BYTES,
    processes: stats.length,
  };
}
