import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreEngine } from '../engine.ts';
import type { Journal } from '../journal.ts';
import type { ObjectStore } from '../store.ts';
import { DiskJournal } from './journal.ts';
import { loadState } from './load.ts';
import { lockState } from './lock.ts';

export interface DiskStoreOptions {
  /** Created 0700 when missing. Belongs to one process at a time. */
  readonly directory: string;
  /** Told about damage that was found and what was done, and about snapshots that failed. Default: nothing is told. */
  readonly onProblem?: (message: string) => void;
  /** For tests. Default 16 MiB. */
  readonly snapshotAfterBytes?: number;
}

/** Opens the durable store. Throws StateLockedError when another process has it open, and the file system's errors as they are. */
export async function openDiskStore(options: DiskStoreOptions): Promise<ObjectStore> {
  const { directory } = options;
  const onProblem = options.onProblem ?? (() => undefined);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockState(join(directory, 'lock'));
  try {
    for (const name of await readdir(directory)) if (name.endsWith('.tmp')) await rm(join(directory, name), { force: true });
    const loaded = await loadState(directory, onProblem);
    const journal = await DiskJournal.open({
      directory,
      log: loaded.log,
      revision: loaded.lastRevision,
      onProblem,
      ...(options.snapshotAfterBytes === undefined ? {} : { snapshotAfterBytes: options.snapshotAfterBytes }),
    });
    const locked: Journal = {
      append: (records) => journal.append(records),
      appended: (state, revision) => journal.appended(state, revision),
      close: async () => {
        await journal.close();
        await lock.close();
      },
    };
    return new StoreEngine(locked, loaded);
  } catch (error) {
    await lock.close();
    throw error;
  }
}
