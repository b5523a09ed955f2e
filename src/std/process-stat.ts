import { readFileSync } from 'node:fs';

/** What /proc/<pid>/stat tells about a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Start time in clock ticks since boot: with the pid it names a process for good. */
  readonly startTicks: string;
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/** Reads a process's state; undefined when there is no such process. */
export function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks: fields[19] ?? '',
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    residentPages: Number(fields[21]),
  };
}

/** True while exactly this process lives (a zombie does not). Where the kernel does not tell start times ('') its pid has to do. */
export function isAlive(pid: number, startTicks: string): boolean {
  const stat = readStat(pid);
  if (stat) return stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
  return startTicks === '' && takesSignals(pid);
}

function takesSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
