import { type FileHandle, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file starts with these eight bytes and the revision (u48) that it starts after, padded to 16. */
const MAGIC = { log: 'drvlog01', snapshot: 'drvsnp01' } as const;
export const FILE_HEADER_BYTES = 16;

export type FileType = keyof typeof MAGIC;

export interface StateFile {
  readonly type: FileType;
  /** A log holds records after this revision; a snapshot is the state at it. */
  readonly revision: number;
  readonly path: string;
}

export const stateFile = (directory: string, type: FileType, revision: number): StateFile => ({
  type,
  revision,
  path: join(directory, `${type}-${String(revision).padStart(16, '0')}`),
});

export function fileHeader(type: FileType, revision: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.write(MAGIC[type], 0, 'latin1');
  header.writeUIntLE(revision, 8, 6);
  return header;
}

export const headerMatches = (data: Buffer, file: StateFile): boolean =>
  data.length >= FILE_HEADER_BYTES && data.subarray(0, FILE_HEADER_BYTES).equals(fileHeader(file.type, file.revision));

/** The state files of a directory, oldest first. Leftovers of unfinished snapshots are not among them. */
export async function stateFiles(directory: string): Promise<readonly StateFile[]> {
  const found: StateFile[] = [];
  for (const name of await readdir(directory)) {
    const match = /^(log|snapshot)-(\d{16})$/.exec(name);
    if (match) found.push(stateFile(directory, match[1] as FileType, Number(match[2])));
  }
  return found.sort((a, b) => a.revision - b.revision);
}

/** Makes names (creations, renames, removals) in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of `data`: a short write (full disk) is an error. */
export async function writeFully(handle: FileHandle, data: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    done += bytesWritten;
  }
}

/** Moves a file aside under a name that is never read again, so that nothing damaged is lost to whoever wants to look. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged`;
  await rename(path, aside);
  return aside;
}
