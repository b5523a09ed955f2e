import { createConnection } from 'node:net';
import { clusterConnection, createApiClient, kubeconfigFiles, kubeconfigTransport, loadKubeconfig, unixSocketTransport } from '../client/index.ts';
import type { Clock, HomePaths } from '../std/index.ts';
import type { Connection } from './context.ts';

/** Sent with every write: the owner of fields in server-side apply. */
const FIELD_MANAGER = 'drover';

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

/** To the cluster of a kubeconfig's context. */
export async function kubeconfigConnection(
  options: { readonly kubeconfig: string | undefined; readonly context: string | undefined },
  env: NodeJS.ProcessEnv,
  clock: Clock,
): Promise<Connection> {
  const config = await loadKubeconfig(kubeconfigFiles(options.kubeconfig, env));
  const cluster = clusterConnection(config, options.context, clock);
  const transport = kubeconfigTransport(config, options.context);
  const client = createApiClient(transport, { clock, fieldManager: FIELD_MANAGER });
  return { client, transport, namespace: cluster.namespace ?? 'default', local: undefined, cluster, name: cluster.server.origin };
}
