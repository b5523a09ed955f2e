import { createConnection } from 'node:net';
import { createApiClient, unixSocketTransport } from '../client/index.ts';
import type { Clock, HomePaths } from '../std/index.ts';
import type { Connection } from './context.ts';

/** Sent with every write: the owner of fields in server-side apply. */
export const FIELD_MANAGER = 'drover';

/** Whether something accepts connections on the socket. */
export const socketAnswers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** To the home's own daemon. */
export function localConnection(home: HomePaths, clock: Clock): Connection {
  const transport = unixSocketTransport(home.apiSocket);
  const client = createApiClient(transport, { clock, fieldManager: FIELD_MANAGER });
  return { client, transport, namespace: 'default', local: home, cluster: undefined, name: `the daemon of ${home.home}` };
}
