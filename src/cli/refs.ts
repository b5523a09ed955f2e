import type { ApiClient, ResourceClient } from '../client/index.ts';
import type { ConfigMap, Deployment, Event, Namespace, Node, Pod, ReplicaSet, ResourceRef } from '../kinds/index.ts';

/** The kinds that the app verbs speak of, addressed without loading their declarations. */
const REFS = {
  deployments: { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  replicasets: { group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  pods: { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  events: { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  namespaces: { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  nodes: { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  configmaps: { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
} as const satisfies { readonly [plural: string]: ResourceRef };

/** The types behind the names of REFS. */
interface Types {
  deployments: Deployment;
  replicasets: ReplicaSet;
  pods: Pod;
  events: Event;
  namespaces: Namespace;
  nodes: Node;
  configmaps: ConfigMap;
}

/** Typed access to a well-known kind. */
export const known = <K extends keyof Types>(client: ApiClient, plural: K): ResourceClient<Types[K]> =>
  client.dynamic(REFS[plural]) as unknown as ResourceClient<Types[K]>;
