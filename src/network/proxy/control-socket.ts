import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Clock } from '../../std/index.ts';
import { sendLine } from '../link/lines.ts';
import type { ToProxy } from '../link/protocol.ts';

/** Connections of a proxy that was replaced have this long. */
const PREDECESSOR_DRAIN_MS = 600_000;

/** Resolves when nobody answers on the control socket: a proxy of an earlier shim is asked to make room and keeps the connections it has. */
export async function becomeTheOne(path: string, clock: Clock): Promise<void> {
  for (;;) {
    const other = await new Promise<Socket | undefined>((resolve) => {
      const socket = createConnection(path, () => resolve(socket));
      socket.on('error', () => resolve(undefined));
    });
    if (!other) return;
    other.resume();
    sendLine(other, { type: 'retire', drainMs: PREDECESSOR_DRAIN_MS } satisfies ToProxy);
    await new Promise((resolve) => other.on('close', resolve));
    await clock.sleep(50);
  }
}

/** Listens on the control socket, which only this user may open. */
export function listenControl(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The mask makes the socket 0600 from its first moment on.
    const before = process.umask(0o177);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
    process.umask(before);
  });
}
