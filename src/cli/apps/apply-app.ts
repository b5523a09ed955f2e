import { isAlreadyExists, isNotFound } from '../../apimachinery/index.ts';
import type { ApiClient } from '../../client/index.ts';
import { type App, appDeployment, IDS_ANNOTATION } from '../../formats/index.ts';
import type { Deployment } from '../../kinds/index.ts';
import { known } from '../refs.ts';

/** Creates a namespace that does not exist yet; `default` always does. */
export async function ensureNamespace(client: ApiClient, name: string, signal: AbortSignal): Promise<void> {
  if (name === 'default') return;
  const namespaces = known(client, 'namespaces');
  try {
    await namespaces.get(name, undefined, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    try {
      await namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
    } catch (raced) {
      if (!isAlreadyExists(raced)) throw raced;
    }
  }
}

/** Makes an app's Deployment what its settings say: fields that they no longer name go away. */
export function applyApp(client: ApiClient, app: App, ids: readonly number[], onWarning: (text: string) => void, signal: AbortSignal): Promise<Deployment> {
  const deployment = appDeployment(app);
  const withIds = {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [IDS_ANNOTATION]: ids.join(',') } },
  };
  return known(client, 'deployments').patch(app.objectName, app.namespace, withIds, { type: 'apply', force: true, onWarning, signal });
}
