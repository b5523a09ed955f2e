import { clusterConnection, createApiClient, kubeconfigFiles, kubeconfigTransport, loadKubeconfig } from '../client/index.ts';
import type { Clock } from '../std/index.ts';
import { FIELD_MANAGER } from './connection.ts';
import type { Connection } from './context.ts';

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
