import type { Container, PodSpec } from '../../../schema/types.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;

const given = (quantity: string | undefined): quantity is string => quantity !== undefined && !/^[+-]?0*(\.0*)?[A-Za-z]*$/.test(quantity);

/**
 * Kubernetes' class of a pod: Guaranteed when every container limits cpu and memory and requests just that, BestEffort when none asks for
 * anything, Burstable otherwise. Quantities are compared in their canonical text, which is how the API server stores them.
 */
export function qosClass(spec: PodSpec): QosClass {
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers];
  const asks = containers.some((one) => COMPUTE.some((name) => given(one.resources?.requests?.[name]) || given(one.resources?.limits?.[name])));
  if (!asks) return 'BestEffort';
  const guaranteed = containers.every((one) =>
    COMPUTE.every((name) => {
      const limit = one.resources?.limits?.[name];
      const request = one.resources?.requests?.[name];
      return given(limit) && (request === undefined || request === limit);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
