import type { Deployment } from '../../kinds/index.ts';

/** Where a Deployment's rollout stands, in kubectl's words. */
export type RolloutState =
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'waiting'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string };

export function rolloutState(deployment: Deployment): RolloutState {
  const { metadata, spec, status = {} } = deployment;
  const name = JSON.stringify(metadata.name ?? '');
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) return { state: 'waiting', text: 'Waiting for deployment spec update to be observed...' };
  if (status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')) {
    return { state: 'failed', text: `deployment ${name} exceeded its progress deadline` };
  }
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  const wanted = spec?.replicas ?? 1;
  const waiting = (what: string): RolloutState => ({ state: 'waiting', text: `Waiting for deployment ${name} rollout to finish: ${what}...` });
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new replicas have been updated`);
  const surplus = replicas - Math.min(updated, wanted);
  if (surplus > 0) return waiting(`${surplus} old replicas are pending termination`);
  if (available < updated) return waiting(`${available} of ${updated} updated replicas are available`);
  return { state: 'done', text: `deployment ${name} successfully rolled out` };
}
