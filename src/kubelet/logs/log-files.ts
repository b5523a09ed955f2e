import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export interface LogFile {
  readonly path: string;
  readonly inode: number;
}

/** The files of one run's log from the oldest to the one that is being written: `<n>.log.<time>…`, then `<n>.log`. */
export async function logFiles(path: string): Promise<readonly LogFile[]> {
  const directory = dirname(path);
  const current = basename(path);
  const names = await readdir(directory).catch(() => [] as string[]);
  const rotated = names.filter((name) => name.startsWith(`${current}.`) && !name.endsWith('.gz') && !name.endsWith('.tmp')).sort();
  const ordered = [...rotated, ...(names.includes(current) ? [current] : [])];
  const files: LogFile[] = [];
  for (const name of ordered) {
    const file = join(directory, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats) files.push({ path: file, inode: stats.ino });
  }
  return files;
}

/** Where to begin so that `lines` lines are left: which file, and the byte in it. Reads backwards, a chunk at a time. */
export async function tailStart(files: readonly LogFile[], lines: number): Promise<{ readonly index: number; readonly offset: number }> {
  const last = Math.max(files.length - 1, 0);
  let missing = lines;
  for (let index = last; index >= 0; index -= 1) {
    const file = files[index];
    if (!file) break;
    const found = await offsetOfLines(file.path, missing);
    if (found.offset !== undefined) return { index, offset: found.offset };
    missing -= found.lines;
  }
  return { index: 0, offset: 0 };
}

async function offsetOfLines(path: string, lines: number): Promise<{ readonly offset: number | undefined; readonly lines: number }> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return { offset: undefined, lines: 0 };
  try {
    const { size } = await handle.stat();
    if (lines <= 0) return { offset: size, lines: 0 };
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let seen = 0;
    for (let end = size; end > 0; ) {
      const start = Math.max(end - CHUNK_BYTES, 0);
      const { bytesRead } = await handle.read(chunk, 0, end - start, start);
      for (let at = bytesRead - 1; at >= 0; at -= 1) {
        if (chunk[at] !== NEWLINE) continue;
        // The newline that ends the file belongs to its last line.
        if (start + at === size - 1) continue;
        seen += 1;
        if (seen === lines) return { offset: start + at + 1, lines: seen };
      }
      end = start;
    }
    const all = size > 0 ? seen + 1 : 0;
    return all === lines ? { offset: 0, lines: all } : { offset: undefined, lines: all };
  } finally {
    await handle.close();
  }
}
