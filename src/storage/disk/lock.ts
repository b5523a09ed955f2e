import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { type Closable, errorCode, isAlive, readStat } from '../../std/index.ts';

/** Another living process has the state open. */
class StateLockedError extends Error {
  readonly code = 'ERR_STATE_LOCKED';
}

/** Takes the lock file for this process. Throws StateLockedError when a living process holds it; a dead one's is taken over. */
export async function lockState(path: string): Promise<Closable> {
  // With its start time, so that a reused pid is not mistaken for it.
  const mine = `${process.pid} ${readStat(process.pid)?.startTicks ?? ''}`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await link(draft, path);
        return { close: () => rm(path, { force: true }) };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const [pid = '', ticks = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
      if (pid !== '' && isAlive(Number(pid), ticks))
        throw new StateLockedError(`${path}: the state is open in process ${pid}; one daemon per home. Stop it first, or use another DROVER_HOME`);
      await unlink(path).catch(() => undefined);
    }
    throw new StateLockedError(`${path}: the lock could not be taken in three attempts; another daemon is starting`);
  } finally {
    await rm(draft, { force: true });
  }
}
