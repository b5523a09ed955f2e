import type { KubeObject } from '../../apimachinery/index.ts';
import type { ApiClient } from '../../client/index.ts';
import { APP_LABEL, APP_NAME_ANNOTATION, EXEC_MODE_ANNOTATION, IDS_ANNOTATION, STOPPED_ANNOTATION, VERSION_ANNOTATION } from '../../formats/index.ts';
import type { Deployment, Pod, ReplicaSet } from '../../kinds/index.ts';
import { known } from '../refs.ts';

/** An app as PM2's words see it: a Deployment with its pods. */
export interface AppView {
  readonly name: string;
  readonly objectName: string;
  readonly namespace: string;
  readonly deployment: Deployment;
  /** Newest template's pods and older ones, oldest first. */
  readonly pods: readonly Pod[];
  /** Numeric ids of the replicas; none for Deployments that were not started in PM2's words. */
  readonly ids: readonly number[];
  readonly mode: 'cluster' | 'fork' | 'pod';
  readonly version: string | undefined;
  /** Replicas that `restart` brings back; undefined unless stopped. */
  readonly stoppedReplicas: number | undefined;
}

const ownerUid = (object: KubeObject): string | undefined => object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;

const idsOf = (text: string | undefined): readonly number[] => (text ? text.split(',').map(Number).filter(Number.isInteger) : []);

/** The app behind a Deployment. */
export function appView(deployment: Deployment, pods: readonly Pod[]): AppView {
  const { annotations = {}, labels = {}, name = '', namespace = '' } = deployment.metadata;
  const mode = deployment.spec?.template?.metadata?.annotations?.[EXEC_MODE_ANNOTATION];
  const stopped = deployment.spec?.replicas === 0 ? annotations[STOPPED_ANNOTATION] : undefined;
  return {
    name: annotations[APP_NAME_ANNOTATION] ?? name,
    objectName: name,
    namespace,
    deployment,
    pods: [...pods].sort(byAge),
    ids: idsOf(annotations[IDS_ANNOTATION]),
    mode: mode === 'cluster' || mode === 'fork' ? mode : 'pod',
    version: annotations[VERSION_ANNOTATION] ?? imageTag(deployment, labels),
    stoppedReplicas: stopped === undefined ? undefined : Number(stopped),
  };
}

const byAge = (a: Pod, b: Pod): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '');

function imageTag(deployment: Deployment, labels: { readonly [key: string]: string }): string | undefined {
  if (labels[APP_LABEL]) return undefined;
  const image = deployment.spec?.template?.spec?.containers?.[0]?.image;
  return image?.includes(':') ? image.slice(image.lastIndexOf(':') + 1) : undefined;
}

/** Every app of a namespace, or of all; ordered by first id, then namespace and name. */
export async function loadApps(client: ApiClient, namespace: string | undefined, signal: AbortSignal): Promise<readonly AppView[]> {
  const query = { signal, ...(namespace ? { namespace } : {}) };
  const [deployments, replicaSets, pods] = await Promise.all([
    known(client, 'deployments').list(query),
    known(client, 'replicasets').list(query),
    known(client, 'pods').list(query),
  ]);
  return groupApps(deployments.items, replicaSets.items, pods.items);
}

/** Pods belong to the Deployment that owns their ReplicaSet. */
export function groupApps(deployments: readonly Deployment[], replicaSets: readonly ReplicaSet[], pods: readonly Pod[]): readonly AppView[] {
  const deploymentOf = new Map(replicaSets.map((set) => [set.metadata.uid, ownerUid(set)]));
  const podsOf = new Map<string | undefined, Pod[]>();
  for (const pod of pods) {
    const owner = deploymentOf.get(ownerUid(pod));
    if (owner === undefined) continue;
    const list = podsOf.get(owner);
    if (list) list.push(pod);
    else podsOf.set(owner, [pod]);
  }
  const first = (app: AppView): number => app.ids[0] ?? Number.MAX_SAFE_INTEGER;
  return deployments
    .map((deployment) => appView(deployment, podsOf.get(deployment.metadata.uid) ?? []))
    .sort((a, b) => first(a) - first(b) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name));
}

/** Ids for `count` replicas: those it has, cut or continued with numbers that nobody has. */
export function continueIds(own: readonly number[], count: number, all: readonly AppView[]): readonly number[] {
  const ids = own.slice(0, count);
  let next = Math.max(-1, ...own, ...all.flatMap((app) => app.ids)) + 1;
  while (ids.length < count) ids.push(next++);
  return ids;
}
