import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContainerResources, RuntimeLimitation } from '../../contract.ts';

const CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids'] as const;
const PERIOD_US = 100_000;
const MIN_QUOTA_US = 1000;

/** Control groups as this machine gives them: one tree per controller (v1), one for all (v2), or none. */
export interface Cgroups {
  readonly version: 0 | 1 | 2;
  readonly limitations: readonly RuntimeLimitation[];
  /** Makes (or finds) the group `path` below this home's parent and sets its limits; the directories it consists of, none without cgroups. */
  create(path: readonly string[], resources: ContainerResources): string[];
}

const write = (file: string, value: string): boolean => {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

const quotaOf = (cores: number): number => Math.max(MIN_QUOTA_US, Math.round(cores * PERIOD_US));
const sharesOf = (cores: number): number => Math.max(2, Math.round(cores * 1024));
/** The kernel's own mapping of v1 shares (2..262144) onto v2 weights (1..10000). */
const weightOf = (cores: number): number => Math.min(10_000, Math.max(1, 1 + Math.floor(((sharesOf(cores) - 2) * 9999) / 262_142)));

/**
 * All apps together weigh as much as this machine has cores, as kubelet has it: with a group's usual weight of one process, several busy replicas
 * would have to share what any single program outside gets.
 */
function weighTop(directory: string, cores = availableParallelism()): void {
  if (existsSync(join(directory, 'cpu.shares'))) write(join(directory, 'cpu.shares'), String(1024 * cores));
  if (existsSync(join(directory, 'cpu.weight'))) write(join(directory, 'cpu.weight'), String(Math.min(10_000, 100 * cores)));
}

function limitV1(directory: string, resources: ContainerResources): void {
  if (existsSync(join(directory, 'cpu.shares'))) {
    if (resources.cpuRequest !== undefined) write(join(directory, 'cpu.shares'), String(sharesOf(resources.cpuRequest)));
    write(join(directory, 'cpu.cfs_period_us'), String(PERIOD_US));
    write(join(directory, 'cpu.cfs_quota_us'), resources.cpuLimit === undefined ? '-1' : String(quotaOf(resources.cpuLimit)));
  }
  if (existsSync(join(directory, 'memory.limit_in_bytes'))) write(join(directory, 'memory.limit_in_bytes'), String(resources.memoryLimitBytes ?? -1));
}

function limitV2(directory: string, resources: ContainerResources): void {
  write(join(directory, 'cpu.max'), resources.cpuLimit === undefined ? 'max' : `${quotaOf(resources.cpuLimit)} ${PERIOD_US}`);
  if (resources.cpuRequest !== undefined) write(join(directory, 'cpu.weight'), String(weightOf(resources.cpuRequest)));
  write(join(directory, 'memory.max'), String(resources.memoryLimitBytes ?? 'max'));
  // Swapping would only make a program that is over its limit slow instead of ended.
  if (resources.memoryLimitBytes !== undefined) write(join(directory, 'memory.swap.max'), '0');
}

const none = (reason: string): Cgroups => ({
  version: 0,
  limitations: [{ reason: 'NoCgroups', message: `${reason}: CPU limits are not enforced, memory limits only by a check every second` }],
  create: () => [],
});

function openV1(root: string, name: string): Cgroups | undefined {
  // cpu and cpuacct are often one directory under two names: a group is made once in each.
  const present = CONTROLLERS.filter((controller) => existsSync(join(root, controller, 'cgroup.procs')) || existsSync(join(root, controller, 'tasks')));
  const usable = present.filter((controller) => makeDirectory(join(root, controller, name)));
  if (usable.length === 0) return undefined;
  for (const controller of usable) weighTop(join(root, controller, name));
  const missing = CONTROLLERS.filter((controller) => !usable.includes(controller) && controller !== 'cpuacct');
  return {
    version: 1,
    limitations: missing.map((controller) => ({
      reason: 'NoCgroups',
      message: `cgroup controller ${controller} is not available: its limits are not enforced`,
    })),
    create(path, resources) {
      const directories = usable.map((controller) => join(root, controller, name, ...path)).filter(makeDirectory);
      for (const directory of directories) limitV1(directory, resources);
      return directories;
    },
  };
}

/** The highest directory above our own group that we may write to: its children can be given controllers. */
function writableAncestor(root: string, own: string): string | undefined {
  let best: string | undefined;
  for (let directory = join(root, own); directory.startsWith(root); directory = dirname(directory)) {
    try {
      if (statSync(directory).uid !== process.getuid?.() && process.getuid?.() !== 0) break;
    } catch {
      break;
    }
    best = directory;
    if (directory === root) break;
  }
  return best;
}

function openV2(root: string, own: string, name: string): Cgroups | undefined {
  const parent = process.getuid?.() === 0 ? root : writableAncestor(root, own);
  if (!parent) return undefined;
  const top = join(parent, name);
  const wanted = ['cpu', 'memory', 'pids'];
  const enable = (directory: string) => {
    for (const controller of wanted) write(join(directory, 'cgroup.subtree_control'), `+${controller}`);
  };
  enable(parent);
  if (!makeDirectory(top)) return undefined;
  weighTop(top);
  enable(top);
  const given = read(join(top, 'cgroup.controllers')).trim().split(/\s+/);
  const missing = wanted.filter((controller) => !given.includes(controller));
  return {
    version: 2,
    limitations: missing.map((controller) => ({
      reason: 'NoCgroups',
      message: `cgroup controller ${controller} is not delegated to ${parent}: its limits are not enforced`,
    })),
    create(path, resources) {
      let directory = top;
      for (const [index, part] of path.entries()) {
        directory = join(directory, part);
        if (!makeDirectory(directory)) return [];
        if (index < path.length - 1) enable(directory);
      }
      limitV2(directory, resources);
      return [directory];
    },
  };
}

/** Finds what this machine has. `root` and `own` (the text of /proc/self/cgroup) are given so that tests can lay out a tree of files. */
export function openCgroups(name: string, root = '/sys/fs/cgroup', own: string = read('/proc/self/cgroup')): Cgroups {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    const path =
      own
        .split('\n')
        .find((line) => line.startsWith('0::'))
        ?.slice(3) ?? '/';
    return openV2(root, path, name) ?? none(`no writable control group below ${root}`);
  }
  if (!existsSync(root)) return none('this machine has no control groups');
  return openV1(root, name) ?? none(`the control groups below ${root} are not writable`);
}

/** Processes in a group made of these directories. */
export function cgroupPids(directories: readonly string[]): number[] {
  const pids = new Set<number>();
  for (const directory of directories) for (const line of read(join(directory, 'cgroup.procs')).split('\n')) if (line) pids.add(Number(line));
  pids.delete(0);
  return [...pids];
}

/** Whether the kernel itself holds the group to a memory limit. */
export const limitsMemory = (directories: readonly string[]): boolean =>
  directories.some((directory) => existsSync(join(directory, 'memory.max')) || existsSync(join(directory, 'memory.limit_in_bytes')));

/** How often the kernel killed something in the group for its memory. */
export function oomKills(directories: readonly string[]): number {
  let kills = 0;
  for (const directory of directories) {
    for (const file of ['memory.events', 'memory.oom_control']) {
      kills += Number(/^oom_kill (\d+)$/m.exec(read(join(directory, file)))?.[1] ?? 0);
    }
  }
  return kills;
}

/** CPU time and memory in use (without the file cache that could be dropped, as kubectl top shows it); undefined parts are not known. */
export function cgroupUsage(directories: readonly string[]): { readonly cpuNanoseconds?: number; readonly memoryBytes?: number } {
  let cpuNanoseconds: number | undefined;
  let memoryBytes: number | undefined;
  for (const directory of directories) {
    const usage = read(join(directory, 'cpuacct.usage'));
    if (usage) cpuNanoseconds = Number(usage);
    const micros = /^usage_usec (\d+)$/m.exec(read(join(directory, 'cpu.stat')))?.[1];
    if (micros) cpuNanoseconds = Number(micros) * 1000;
    const current = read(join(directory, 'memory.usage_in_bytes')) || read(join(directory, 'memory.current'));
    if (current) {
      const inactive = /^(?:total_)?inactive_file (\d+)$/m.exec(read(join(directory, 'memory.stat')))?.[1];
      memoryBytes = Math.max(0, Number(current) - Number(inactive ?? 0));
    }
  }
  return { ...(cpuNanoseconds === undefined ? {} : { cpuNanoseconds }), ...(memoryBytes === undefined ? {} : { memoryBytes }) };
}

/** Removes a group; false while something is still in it. */
export function removeCgroup(directories: readonly string[]): boolean {
  let gone = true;
  for (const directory of directories) {
    if (!existsSync(directory)) continue;
    try {
      for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) rmdirSync(join(directory, entry.name));
      rmdirSync(directory);
    } catch {
      gone = false;
    }
  }
  return gone;
}
