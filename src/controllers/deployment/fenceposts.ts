import { type Deployment, resolveIntOrPercent } from '../../kinds/index.ts';

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
  const maxSurge = resolveIntOrPercent(rolling?.maxSurge ?? '25%', replicas, 'up');
  const maxUnavailable = resolveIntOrPercent(rolling?.maxUnavailable ?? '25%', replicas, 'down');
  const least = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable;
  return { maxSurge, maxUnavailable: Math.min(least, replicas) };
}
