import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { errorCode, type ProcessStat, readStat } from '../../std/index.ts';

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Living processes of the group or session that `leader` leads, and everything below them. Used where there are no cgroups. */
export function familyOf(leader: number): number[] {
  const stats = allPids()
    .map(readStat)
    .filter((stat): stat is ProcessStat => stat !== undefined && stat.state !== 'Z');
  const family = new Set<number>();
  for (const stat of stats) if (stat.group === leader || stat.session === leader || stat.pid === leader) family.add(stat.pid);
  for (let grown = true; grown; ) {
    grown = false;
    for (const stat of stats) {
      if (!family.has(stat.pid) && family.has(stat.parent)) {
        family.add(stat.pid);
        grown = true;
      }
    }
  }
  return [...family];
}

/** The descriptors of a process as `fd -> target`; empty when it is gone or not ours. */
export function openFiles(pid: number): Map<number, string> {
  const found = new Map<number, string>();
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return found;
  }
  for (const name of names) {
    try {
      found.set(Number(name), readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // Closed meanwhile.
    }
  }
  return found;
}

/** Processes that have `path` open: how a process is found whose pid was never written down. */
export function holdersOf(path: string): number[] {
  return allPids().filter((pid) => [...openFiles(pid).values()].includes(path));
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).join(' ');
  } catch {
    return '';
  }
}

/** Signals a process, or with a negative number a group; false when it is gone already or belongs to another user. */
export function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}
