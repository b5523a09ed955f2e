import { type Clock, isAlive, readJson, readStat, replaceFile } from '../../../std/index.ts';
import { sendSignal } from '../processes.ts';

const PREDECESSOR_LIMIT_MS = 10_000;

/** Names a process of the daemon or the proxy for a later shim. */
export interface ProgramRecord {
  readonly pid: number;
  readonly startTicks: string;
}

export function rememberProgram(path: string, pid: number, log: (line: string) => void): void {
  try {
    replaceFile(path, JSON.stringify({ pid, startTicks: readStat(pid)?.startTicks ?? '' } satisfies ProgramRecord));
  } catch (error) {
    log(`${path} could not be written: ${String(error)}`);
  }
}

export const readProgram = (path: string): ProgramRecord | undefined => readJson<ProgramRecord>(path);

/** The daemon of a dead shim hands over and ends by itself; two daemons of one home must never meet. */
export async function waitForPredecessor(before: ProgramRecord | undefined, clock: Clock, log: (line: string) => void): Promise<void> {
  if (!before || !isAlive(before.pid, before.startTicks)) return;
  log(`waiting for the daemon of the shim before, pid ${before.pid}`);
  const until = clock.monotonic() + PREDECESSOR_LIMIT_MS;
  let asked = false;
  while (isAlive(before.pid, before.startTicks)) {
    if (!asked) {
      asked = true;
      sendSignal(before.pid, 'SIGTERM');
    }
    if (clock.monotonic() > until) sendSignal(before.pid, 'SIGKILL');
    await clock.sleep(20);
  }
}
