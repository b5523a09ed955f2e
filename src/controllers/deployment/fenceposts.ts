import type { Deployment } from '../../kinds/index.ts';

type IntOrPercent = number | string | undefined;

function resolve(value: IntOrPercent, total: number, round: (exact: number) => number): number {
  if (typeof value === 'number') return value;
  if (value === undefined || !value.endsWith('%')) return 0;
  return round((Number.parseInt(value, 10) * total) / 100);
}

export const replicasOf = (deployment: Deployment): number => deployment.spec?.replicas ?? 1;

export const isRolling = (deployment: Deployment): boolean => deployment.spec?.strategy?.type !== 'Recreate';

/**
 * How far a rollout may go above and below the wanted number. Surge is rounded up and unavailability down;
 * when both come to zero, one may be unavailable, for otherwise nothing could move.
 */
export function fenceposts(deployment: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const replicas = replicasOf(deployment);
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const maxSurge = resolve(rolling?.maxSurge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = resolve(rolling?.maxUnavailable ?? '25%', replicas, Math.floor);
  const least = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable;
  return { maxSurge, maxUnavailable: Math.min(least, replicas) };
}
