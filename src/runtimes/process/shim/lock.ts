import { linkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { errorCode, isAlive, readJson, readStat } from '../../../std/index.ts';

interface Holder {
  readonly pid: number;
  readonly startTicks: string;
}

/**
 * Makes this process the only shim of its home, or returns the pid of the one that is. The file names a pid and its start time, so what a dead shim
 * left behind is recognised. The file appears whole (link), and a stale one is moved aside before it is judged a second time, so two shims that start
 * at once cannot both win.
 */
export function takeLock(path: string): { readonly heldBy?: number } {
  const self = readStat(process.pid);
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTicks: self?.startTicks ?? '' } satisfies Holder), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        linkSync(mine, path);
        return {};
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const holder = readJson<Holder>(path);
      if (holder && isAlive(holder.pid, holder.startTicks)) return { heldBy: holder.pid };
      const aside = `${path}.stale.${process.pid}`;
      try {
        renameSync(path, aside);
      } catch {
        continue;
      }
      const moved = readJson<Holder>(aside);
      if (moved && isAlive(moved.pid, moved.startTicks)) linkSync(aside, path);
      unlinkSync(aside);
    }
    return { heldBy: readJson<Holder>(path)?.pid ?? 0 };
  } finally {
    unlinkSync(mine);
  }
}

export function releaseLock(path: string): void {
  if (readJson<Holder>(path)?.pid === process.pid) unlinkSync(path);
}
