import { open } from 'node:fs/promises';
import { LineWriter } from './cri-line.ts';
import { logFiles, tailStart } from './log-files.ts';

/** The end of a run's log as text: at most so many lines and bytes. Empty when there is none. */
export async function lastLogLines(path: string, limits: { readonly maxLines: number; readonly maxBytes: number }): Promise<string> {
  const files = await logFiles(path);
  const last = files.at(-1);
  if (!last) return '';
  const { offset } = await tailStart([last], limits.maxLines);
  const file = await open(last.path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    // CRI's prefix is about 40 bytes a line; what is cut off at the front is dropped below.
    const start = Math.max(offset, size - limits.maxBytes - limits.maxLines * 48);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(size - start, 0)), 0, Math.max(size - start, 0), start);
    const out: Buffer[] = [];
    const writer = new LineWriter({ timestamps: false, sinceMs: undefined, stream: undefined });
    const text = buffer.subarray(start > offset ? buffer.indexOf(0x0a) + 1 : 0, bytesRead);
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf(0x0a, at);
      writer.write(text.subarray(at, end < 0 ? text.length : end), out);
      at = end < 0 ? text.length : end + 1;
    }
    const bytes = Buffer.concat(out);
    return bytes.subarray(Math.max(bytes.length - limits.maxBytes, 0)).toString('utf8');
  } finally {
    await file.close();
  }
}
