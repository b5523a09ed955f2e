import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, type Closable, errorText, type Timer } from '../../std/index.ts';
import type { TableDocument } from '../link/protocol.ts';

const QUIET_MS = 200;

/** Keeps the last table on disk, so that a proxy which starts while the daemon is down has one. A full disk is logged and does no harm until then. */
export function tableFile(
  path: string,
  clock: Clock,
  log: (line: string) => void,
): Closable & { readonly path: string; save(document: () => TableDocument): void } {
  let timer: Timer | undefined;
  let next: (() => TableDocument) | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    while (next) {
      const document = next();
      next = undefined;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(`${path}.new`, JSON.stringify(document), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch (error) {
        log(`the routing table could not be kept in ${path}: ${errorText(error)}`);
      }
    }
    writing = undefined;
  };
  const flush = (): Promise<void> => {
    timer?.close();
    timer = undefined;
    lastMs = clock.monotonic();
    writing ??= write();
    return writing;
  };
  return {
    path,
    save(document) {
      next = document;
      // At once after a quiet time, then gathered: a burst of changes is written twice.
      const waitMs = Math.max(0, lastMs + QUIET_MS - clock.monotonic());
      if (waitMs === 0) void flush();
      else timer ??= clock.after(waitMs, () => void flush());
    },
    close: flush,
  };
}
