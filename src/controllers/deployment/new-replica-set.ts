import { controllerRef, deepEqual } from '../../apimachinery/index.ts';
import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { newestAnnotations, REVISION, revisionOf, sizeAnnotations } from './annotations.ts';
import { fenceposts, isRolling, replicasOf } from './fenceposts.ts';
import { byCreation, type DeploymentWrite, sizeOf, totalSize } from './plan.ts';
import { HASH_LABEL, sameTemplate, templateHash } from './template-hash.ts';

/** The ReplicaSet of the Deployment's present template, if there is one, and all others. Of twins the oldest counts. */
export function splitByTemplate(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): { readonly newest: ReplicaSet | undefined; readonly old: readonly ReplicaSet[] } {
  const newest = replicaSets.toSorted(byCreation).find((replicaSet) => sameTemplate(replicaSet.spec?.template, deployment.spec?.template));
  return { newest, old: replicaSets.filter((replicaSet) => replicaSet !== newest).toSorted(byCreation) };
}

/** How large the newest ReplicaSet may be now without going above the surge. Never smaller than it is. */
export function newestSize(deployment: Deployment, newest: ReplicaSet | undefined, all: readonly ReplicaSet[]): number {
  const replicas = replicasOf(deployment);
  if (!isRolling(deployment)) return replicas;
  const size = newest ? sizeOf(newest) : 0;
  const room = replicas + fenceposts(deployment).maxSurge - totalSize(all);
  return room <= 0 ? size : size + Math.min(room, replicas - size);
}

/** The revision that the newest ReplicaSet has or gets: one more than any older one. */
const nextRevision = (old: readonly ReplicaSet[]): number => old.reduce((most, replicaSet) => Math.max(most, revisionOf(replicaSet)), 0) + 1;

function build(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec!;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace ? { namespace: deployment.metadata.namespace } : {}),
      labels,
      annotations: { ...newestAnnotations(deployment, undefined, nextRevision(old)), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: newestSize(deployment, undefined, old),
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** Writes that make the newest ReplicaSet exist, with its annotations up to date and the Deployment's revision following it. */
export function ensureNewest(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  missing: 'create' | 'leave',
): readonly DeploymentWrite[] {
  if (!newest) {
    if (missing === 'leave') return [];
    const replicaSet = build(deployment, old);
    return [{ type: 'create', replicaSet }, ...follow(deployment, replicaSet)];
  }
  const annotations = newestAnnotations(deployment, newest.metadata.annotations, nextRevision(old));
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  const changed = !deepEqual(annotations, newest.metadata.annotations ?? {}) || (newest.spec?.minReadySeconds ?? 0) !== minReadySeconds;
  if (!changed) return follow(deployment, newest);
  const replicaSet = { ...newest, metadata: { ...newest.metadata, annotations }, spec: { ...newest.spec!, minReadySeconds } };
  return [{ type: 'update', replicaSet }, ...follow(deployment, replicaSet)];
}

function follow(deployment: Deployment, newest: ReplicaSet): readonly DeploymentWrite[] {
  const revision = newest.metadata.annotations?.[REVISION];
  return revision === undefined || deployment.metadata.annotations?.[REVISION] === revision ? [] : [{ type: 'revision', revision }];
}
