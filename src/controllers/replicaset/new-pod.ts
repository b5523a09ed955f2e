import { controllerRef } from '../../apimachinery/index.ts';
import type { Pod, ReplicaSet } from '../../kinds/index.ts';

/** The pod that a ReplicaSet's template describes; the API server completes its name. */
export function newPod(replicaSet: ReplicaSet): Pod {
  const template = replicaSet.spec?.template;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${replicaSet.metadata.name}-`,
      ...(replicaSet.metadata.namespace ? { namespace: replicaSet.metadata.namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerRef(replicaSet)],
    },
    ...(template?.spec ? { spec: template.spec } : {}),
  };
}
