import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalRecord } from '../journal.ts';
import { fileHeader, type StateFile, syncDirectory, writeFully } from './files.ts';
import { encodeRecord } from './record.ts';

const CHUNK_BYTES = 1024 * 1024;
/** The last record of a snapshot: without it the file is not whole. */
const END_KEY = '/end';

/** Writes a whole snapshot under a temporary name, makes it durable and gives it its name. `state` was captured by the caller. */
export async function writeSnapshot(file: StateFile, state: readonly JournalRecord[]): Promise<void> {
  const temporary = `${file.path}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    let position = 0;
    const write = async (data: Buffer) => {
      await writeFully(handle, data, position);
      position += data.length;
    };
    await write(fileHeader(file.type, file.revision));
    let chunk: Buffer[] = [];
    let bytes = 0;
    for (const record of [...state, { type: 'delete' as const, key: END_KEY, revision: state.length, json: Buffer.alloc(0) }]) {
      const encoded = encodeRecord(record);
      chunk.push(encoded);
      bytes += encoded.length;
      if (bytes < CHUNK_BYTES) continue;
      await write(Buffer.concat(chunk));
      chunk = [];
      bytes = 0;
    }
    await write(Buffer.concat(chunk));
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  await rename(temporary, file.path);
  await syncDirectory(dirname(file.path));
}

/** Whether decoded records are a whole snapshot: the last one says how many came before it. */
export function snapshotIsWhole(records: readonly JournalRecord[]): boolean {
  const last = records.at(-1);
  return last?.key === END_KEY && last.revision === records.length - 1;
}
