import { createHash } from 'node:crypto';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerRecord } from '../../runtimes/index.ts';

/** Which pod a log belongs to. */
export interface LogOwner {
  readonly namespace: string;
  readonly pod: string;
}

/** <logs>/containers/<pod>_<ns>_<container>-<64 hex digits>.log: where log collectors look, in the form that they take names apart by. */
function containerLink(logs: string, owner: LogOwner, record: Pick<ContainerRecord, 'id' | 'name'>): string {
  const id = createHash('sha256').update(record.id).digest('hex');
  return join(logs, 'containers', `${owner.pod}_${owner.namespace}_${record.name}-${id}.log`);
}

/** Links a run's log where log collectors look. Repeating it changes nothing. */
export async function linkContainerLog(logs: string, owner: LogOwner, record: ContainerRecord): Promise<void> {
  const link = containerLink(logs, owner, record);
  const make = (): Promise<void> => symlink(record.logPath, link);
  const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
  try {
    await make();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(join(logs, 'containers'), { recursive: true, mode: 0o700 });
    await make();
  }
}

export const unlinkContainerLog = (logs: string, owner: LogOwner, record: Pick<ContainerRecord, 'id' | 'name'>): Promise<void> =>
  rm(containerLink(logs, owner, record), { force: true });
