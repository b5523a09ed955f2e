import { execFile } from 'node:child_process';
import { type Clock, readStat } from '../../std/index.ts';
import { allPids, openFiles } from './processes.ts';

const TRIES = 50;
const TRY_MS = 20;

/** A client with a terminal says its size at once; one that says none must not hold the command up for long. */
const FIRST_SIZE_MS = 100;

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The size to start with, so that the command finds it from its first instruction on, and all that follow. */
export async function firstSize(
  sizes: AsyncIterable<TerminalSize>,
  clock: Clock,
): Promise<{ readonly first?: TerminalSize; readonly rest: AsyncIterable<TerminalSize> }> {
  const iterator = sizes[Symbol.asyncIterator]();
  const pending = iterator.next();
  // A broken stream of sizes is told by whoever reads the rest.
  const first = await new Promise<IteratorResult<TerminalSize> | undefined>((resolve) => {
    const limit = clock.after(FIRST_SIZE_MS, () => resolve(undefined));
    const settle = (size?: IteratorResult<TerminalSize>) => {
      limit.close();
      resolve(size);
    };
    pending.then(settle, () => settle());
  });
  const rest = async function* () {
    let next = first ? await iterator.next() : await pending;
    while (!next.done) {
      yield next.value;
      next = await iterator.next();
    }
  };
  return { ...(first && !first.done ? { first: first.value } : {}), rest: rest() };
}

/** A size as stty takes it. */
export const sizeWords = ({ width, height }: TerminalSize): readonly string[] => [
  'rows',
  String(Math.max(1, Math.floor(height))),
  'cols',
  String(Math.max(1, Math.floor(width))),
];

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
export async function followTerminalSize(scriptPid: number, sizes: AsyncIterable<TerminalSize>, clock: Clock, signal: AbortSignal): Promise<void> {
  let path: string | undefined;
  try {
    for await (const size of sizes) {
      for (let attempt = 0; !path && attempt < TRIES && !signal.aborted; attempt += 1) {
        path = terminalOf(scriptPid);
        if (!path) await clock.sleep(TRY_MS);
      }
      if (signal.aborted || !path) return;
      await new Promise<void>((resolve) => execFile('stty', ['-F', path!, ...sizeWords(size)], () => resolve()));
    }
  } catch {
    // The caller's stream of sizes broke off; the session itself says why.
  }
}
