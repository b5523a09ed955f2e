import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { fenceposts, replicasOf } from './fenceposts.ts';

type Annotations = { readonly [key: string]: string };

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Longer histories lose their oldest entries. */
const HISTORY_LIMIT_CHARS = 2000;

/** What a ReplicaSet does not take over from its Deployment. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

const integer = (text: string | undefined): number | undefined => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);

export const revisionOf = (object: Deployment | ReplicaSet): number => integer(object.metadata.annotations?.[REVISION]) ?? 0;

/** The size of the Deployment that the ReplicaSet was last scaled for. */
export const desiredReplicasOf = (replicaSet: ReplicaSet): number | undefined => integer(replicaSet.metadata.annotations?.[DESIRED_REPLICAS]);
export const maxReplicasOf = (replicaSet: ReplicaSet): number | undefined => integer(replicaSet.metadata.annotations?.[MAX_REPLICAS]);

/** Annotations that say for which size of the Deployment a ReplicaSet was scaled. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED_REPLICAS]: String(replicasOf(deployment)),
  [MAX_REPLICAS]: String(replicasOf(deployment) + fenceposts(deployment).maxSurge),
});

export const hasAnnotations = (replicaSet: ReplicaSet, wanted: Annotations): boolean =>
  Object.entries(wanted).every(([key, value]) => replicaSet.metadata.annotations?.[key] === value);

function historyWith(history: string | undefined, oldRevision: string): string {
  const revisions = [...(history ? history.split(',') : []), oldRevision];
  while (revisions.length > 1 && revisions.join(',').length > HISTORY_LIMIT_CHARS) revisions.shift();
  return revisions.join(',');
}

/** The annotations of the newest ReplicaSet: the Deployment's own, and the revision, which only ever goes up. */
export function newestAnnotations(deployment: Deployment, current: Annotations | undefined, revision: number): Annotations {
  const copied = Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key)));
  const annotations: { [key: string]: string } = { ...current, ...copied };
  const old = current?.[REVISION];
  if ((integer(old) ?? 0) < revision) {
    annotations[REVISION] = String(revision);
    if (old !== undefined) annotations[REVISION_HISTORY] = historyWith(current?.[REVISION_HISTORY], old);
  }
  return annotations;
}
