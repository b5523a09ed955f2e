import type { Deployment, ReplicaSet } from '../../kinds/index.ts';

/** Which ReplicaSets change hands. */
export interface Claims {
  readonly kept: readonly ReplicaSet[];
  readonly adopt: readonly ReplicaSet[];
  readonly release: readonly ReplicaSet[];
}

/** Splits ReplicaSets by whether the Deployment's selector matches them; `owned` are those it controls, `orphans` those nobody does. */
export function claims(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  orphans: readonly ReplicaSet[],
  matches: (labels: { readonly [key: string]: string }) => boolean,
): Claims {
  const fits = (replicaSet: ReplicaSet): boolean => matches(replicaSet.metadata.labels ?? {});
  if (deployment.metadata.deletionTimestamp !== undefined) return { kept: owned.filter(fits), adopt: [], release: [] };
  return {
    kept: owned.filter(fits),
    adopt: orphans.filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined && fits(replicaSet)),
    release: owned.filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined && !fits(replicaSet)),
  };
}
