import { createConnection } from 'node:net';
import type { Clock } from '../../std/index.ts';
import { sendLine } from '../link/lines.ts';

const LIMIT_MS = 5_000;

/**
 * Tells the shim over its control socket that an address is not needed any more: a socket that is held and accepted by nobody would let clients
 * wait for ever. Answers are not waited for; a shim that is gone holds nothing.
 */
export const releaseAtShim =
  ({ shimSocket, clock, log }: { readonly shimSocket: string; readonly clock: Clock; readonly log: (line: string) => void }) =>
  (host: string, port: number): void => {
    const socket = createConnection(shimSocket, () => sendLine(socket, { id: 1, method: 'release', params: { host, port } }));
    const limit = clock.after(LIMIT_MS, () => socket.destroy());
    socket.on('close', () => limit.close());
    socket.setEncoding('utf8');
    socket.on('data', (answer) => {
      if (String(answer).includes('"error"')) log(`the shim did not release ${host}:${port}: ${String(answer).trim()}`);
      socket.destroy();
    });
    socket.on('error', (error) => log(`the shim was not reached to release ${host}:${port}: ${error.message}`));
  };
