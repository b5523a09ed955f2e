import { execFile } from 'node:child_process';
import { allPids, openFiles, readStat } from './processes.ts';

const TRIES = 50;
const TRY_MS = 20;

/** The terminal that script(1) made: the one that a child of it has as its input. */
function terminalOf(scriptPid: number): string | undefined {
  for (const pid of allPids()) {
    if (readStat(pid)?.parent !== scriptPid) continue;
    const target = openFiles(pid).get(0);
    if (target?.startsWith('/dev/pts/')) return target;
  }
  return undefined;
}

/** Gives a terminal every new size until the session ends; the kernel tells the programs in it. */
export async function followTerminalSize(
  scriptPid: number,
  sizes: AsyncIterable<{ readonly width: number; readonly height: number }>,
  signal: AbortSignal,
): Promise<void> {
  let path: string | undefined;
  try {
    for await (const { width, height } of sizes) {
      for (let attempt = 0; !path && attempt < TRIES && !signal.aborted; attempt += 1) {
        path = terminalOf(scriptPid);
        if (!path) await new Promise((resolve) => setTimeout(resolve, TRY_MS));
      }
      if (signal.aborted || !path) return;
      const size = ['rows', String(Math.max(1, Math.floor(height))), 'cols', String(Math.max(1, Math.floor(width)))];
      await new Promise<void>((resolve) => execFile('stty', ['-F', path!, ...size], () => resolve()));
    }
  } catch {
    // The caller's stream of sizes broke off; the session itself says why.
  }
}
