import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, hostname, platform, release, totalmem, type } from 'node:os';
import type { NodeCapacity } from '../contract.ts';
import type { MachineResources } from '../env/resource-field.ts';

/** What `uname`, /etc and /proc say of this machine, in nodeInfo's words. */
export interface MachineInfo {
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly hostname: string;
}

const ARCHITECTURES: { readonly [name: string]: string } = { x64: 'amd64', ia32: '386' };

export function machineInfo(): MachineInfo {
  const machineID = text('/etc/machine-id');
  return {
    architecture: ARCHITECTURES[arch()] ?? arch(),
    operatingSystem: platform(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text('/etc/os-release'))?.[1] ?? type(),
    machineID,
    systemUUID: text('/sys/class/dmi/id/product_uuid') || machineID,
    bootID: text('/proc/sys/kernel/random/boot_id'),
    hostname: hostname(),
  };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

const UNLIMITED = 2 ** 60;

/** A number from the first of these files that has one below any sensible limit. */
function limitFrom(paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const value = Number(text(path) || 'none');
    if (Number.isFinite(value) && value > 0 && value < UNLIMITED) return value;
  }
  return undefined;
}

/** Cores this process may use: affinity and the cgroup's quota. */
function cpuCores(): number {
  const [quota, period] = text('/sys/fs/cgroup/cpu.max').split(' ');
  const v2 = quota !== undefined && quota !== '' && quota !== 'max' ? Number(quota) / Number(period) : undefined;
  const quotaV1 = limitFrom(['/sys/fs/cgroup/cpu/cpu.cfs_quota_us']);
  const v1 = quotaV1 === undefined ? undefined : quotaV1 / (limitFrom(['/sys/fs/cgroup/cpu/cpu.cfs_period_us']) ?? 100_000);
  return Math.min(availableParallelism(), v2 ?? Number.POSITIVE_INFINITY, v1 ?? Number.POSITIVE_INFINITY);
}

/** What pods can be given, in small units; a configured capacity wins over what is measured. */
export async function machineResources(capacity: NodeCapacity | undefined, home: string): Promise<MachineResources & { readonly pods: number }> {
  const disk = await statfs(home).catch(() => undefined);
  const memory = Math.min(totalmem(), limitFrom(['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) ?? Number.POSITIVE_INFINITY);
  return {
    cpuMilli: Math.floor((capacity?.cpuCores ?? cpuCores()) * 1000),
    memoryBytes: capacity?.memoryBytes ?? memory,
    ephemeralStorageBytes: capacity?.ephemeralStorageBytes ?? (disk ? disk.blocks * disk.bsize : 0),
    pods: Math.min(Math.max(capacity?.pods ?? 110, 1), 10_000),
  };
}
