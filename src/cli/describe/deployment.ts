import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { type Block, block, pairs, timeText } from './lines.ts';
import { containerBlock } from './pod.ts';

/** All about a Deployment, in kubectl's layout. */
export function deploymentBlock({ metadata, spec, status }: Deployment, sets: readonly ReplicaSet[]): Block {
  const strategy = spec?.strategy;
  const rolling = strategy?.rollingUpdate;
  const revision = 'deployment.kubernetes.io/revision';
  const newest = sets.find((set) => set.metadata.annotations?.[revision] === metadata.annotations?.[revision]);
  const setText = (set: ReplicaSet): string => `${set.metadata.name} (${set.status?.replicas ?? 0}/${set.spec?.replicas ?? 0} replicas created)`;
  return block([
    ['Name', metadata.name ?? ''],
    ['Namespace', metadata.namespace ?? ''],
    ['CreationTimestamp', timeText(metadata.creationTimestamp)],
    ['Labels', pairs(metadata.labels, '=')],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['Selector', pairs(spec?.selector?.matchLabels, '=').join(',')],
    [
      'Replicas',
      `${spec?.replicas ?? 1} desired | ${status?.updatedReplicas ?? 0} updated | ${status?.replicas ?? 0} total | ${status?.availableReplicas ?? 0} available | ${status?.unavailableReplicas ?? 0} unavailable`,
    ],
    ['StrategyType', strategy?.type ?? ''],
    ['MinReadySeconds', String(spec?.minReadySeconds ?? 0)],
    rolling ? ['RollingUpdateStrategy', `${rolling.maxUnavailable ?? '25%'} max unavailable, ${rolling.maxSurge ?? '25%'} max surge`] : undefined,
    [
      'Pod Template',
      block([
        ['Labels', pairs(spec?.template?.metadata?.labels, '=')],
        ['Annotations', pairs(spec?.template?.metadata?.annotations, ': ')],
        ['Containers', block((spec?.template?.spec?.containers ?? []).map((container) => [container.name, containerBlock(container, undefined)] as const))],
      ]),
    ],
    [
      'Conditions',
      block([
        'Type           Status  Reason',
        ...(status?.conditions ?? []).map(
          ({ type, status: state, reason, message }) =>
            `${type.padEnd(14)} ${state.padEnd(6)}  ${reason ?? ''}${state === 'False' && message ? ` (${message})` : ''}`,
        ),
      ]),
    ],
    [
      'OldReplicaSets',
      sets
        .filter((set) => set !== newest && (set.status?.replicas ?? 0) > 0)
        .map(setText)
        .join(', ') || '<none>',
    ],
    ['NewReplicaSet', newest ? setText(newest) : '<none>'],
  ]);
}
