import { fill } from '../../../defaults/immutable.ts';
import type { Pod, PodSpec, Toleration } from '../../../schema/types.ts';
import { mergeMatchLabelKeys } from './match-label-keys.ts';
import { qosClass } from './qos.ts';

const TOLERATION_SECONDS = 300;
const NODE_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

/** Every taint that NoExecute tolerations may name is tolerated for five minutes unless the pod says otherwise. */
function withNodeTolerations(spec: PodSpec): PodSpec {
  const given = spec.tolerations ?? [];
  const tolerated = (key: string): boolean => given.some((one) => (one.key === key || !one.key) && (one.effect === 'NoExecute' || !one.effect));
  const missing: readonly Toleration[] = NODE_TAINTS.filter((key) => !tolerated(key)).map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  }));
  return missing.length === 0 ? spec : { ...spec, tolerations: [...given, ...missing] };
}

/** A pod as it is stored first: what Kubernetes' admission adds, and the status that every pod begins with. */
export function preparePodCreate(object: Pod): Pod {
  if (!object.spec) return object;
  const named = fill(mergeMatchLabelKeys(object.spec, object.metadata.labels ?? {}), { serviceAccountName: 'default' });
  const spec = withNodeTolerations(fill(named, { serviceAccount: named.serviceAccountName!, priority: 0, preemptionPolicy: 'PreemptLowerPriority' }));
  const gated = (spec.schedulingGates?.length ?? 0) > 0;
  return {
    ...object,
    spec,
    status: {
      phase: 'Pending',
      qosClass: Array.isArray(spec.containers) ? qosClass(spec) : 'BestEffort',
      ...(gated
        ? {
            conditions: [
              { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
            ],
          }
        : {}),
    },
  };
}

/** A spec update leaves the status as it was. */
export const preparePodUpdate = (object: Pod, old: Pod): Pod => ({ ...object, ...(old.status ? { status: old.status } : {}) });
