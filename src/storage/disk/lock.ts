import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import type { Closable } from '../../std/index.ts';

/** Another living process has the state open. */
class StateLockedError extends Error {
  readonly code = 'ERR_STATE_LOCKED';
}

/** Start time of a process in clock ticks since boot, so that a reused pid is not mistaken for it; '' where the kernel does not tell. */
async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    try {
      process.kill(pid, 0);
      return '';
    } catch {
      return undefined;
    }
  }
}

/** Takes the lock file for this process. Throws StateLockedError when a living process holds it; a dead one's is taken over. */
export async function lockState(path: string): Promise<Closable> {
  const mine = `${process.pid} ${(await startTicks(process.pid)) ?? ''}`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await link(draft, path);
        return { close: () => rm(path, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const [pid = '', ticks = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
      const alive = pid === '' ? undefined : await startTicks(Number(pid));
      if (alive !== undefined && alive === ticks)
        throw new StateLockedError(`${path}: the state is open in process ${pid}; one daemon per home. Stop it first, or use another DROVER_HOME`);
      await unlink(path).catch(() => undefined);
    }
    throw new StateLockedError(`${path}: the lock could not be taken in three attempts; another daemon is starting`);
  } finally {
    await rm(draft, { force: true });
  }
}
