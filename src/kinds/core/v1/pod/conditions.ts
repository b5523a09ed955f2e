import type { Container, ContainerPort, Pod, PodCondition } from '../../../schema/types.ts';

/** An init container that keeps running beside the others (restartPolicy Always). */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** Whether the pod has ended for good: phase Succeeded or Failed. */
export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

const podConditions = (pod: Pod): readonly PodCondition[] => pod.status?.conditions ?? [];

/** The condition of that type, if the pod has it. */
export const podCondition = (pod: Pod, type: string): PodCondition | undefined => podConditions(pod).find((condition) => condition.type === type);

/** Whether the condition Ready is True. */
export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True';

/**
 * When a pod that is Ready becomes available, in epoch milliseconds: `minReadySeconds` after it got Ready. Undefined when it is not Ready.
 * Available is: the result is defined and not in the future.
 */
export function podAvailableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  if (Number.isNaN(since)) return minReadySeconds === 0 ? 0 : undefined;
  return minReadySeconds === 0 ? since : since + minReadySeconds * 1000;
}

/** The declared port of that name (and protocol); undefined when no container has it. Containers come before sidecars. */
function containerPortByName(pod: Pod, name: string, protocol = 'TCP'): ContainerPort | undefined {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter(isSidecar)];
  for (const container of containers) {
    const found = container.ports?.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol);
    if (found) return found;
  }
  return undefined;
}

/** The number behind a Service's targetPort in this pod; undefined when the name is not declared. */
export const targetPortOf = (pod: Pod, targetPort: number | string, protocol = 'TCP'): number | undefined =>
  typeof targetPort === 'number' ? targetPort : containerPortByName(pod, targetPort, protocol)?.containerPort;
