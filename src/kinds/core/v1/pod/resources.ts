import { cpuMilli, quantityValue } from '../../../../apimachinery/index.ts';
import type { Container, Pod, PodSpec } from '../../../schema/types.ts';
import { isSidecar } from './conditions.ts';

/** Amounts by resource name: cpu in thousandths of a core, everything else in its own unit (bytes, pieces). */
export interface Amounts {
  readonly [resource: string]: number;
}

type Quantities = { readonly [resource: string]: string } | undefined;

/** One quantity as Amounts has it. */
const amountOf = (resource: string, quantity: string): number => (resource === 'cpu' ? cpuMilli(quantity) : quantityValue(quantity));

export const amountsOf = (quantities: Quantities): Amounts =>
  Object.fromEntries(Object.entries(quantities ?? {}).map(([resource, quantity]) => [resource, amountOf(resource, quantity)]));

function combine(one: Amounts, other: Amounts, how: (a: number, b: number) => number): Amounts {
  const result: { [resource: string]: number } = { ...one };
  for (const [resource, amount] of Object.entries(other)) result[resource] = how(result[resource] ?? 0, amount);
  return result;
}

const addAmounts = (one: Amounts, other: Amounts): Amounts => combine(one, other, (a, b) => a + b);
const maxAmounts = (one: Amounts, other: Amounts): Amounts => combine(one, other, Math.max);

const requestsOf = (container: Container): Amounts => amountsOf(container.resources?.requests);

/**
 * Kubernetes' formula: containers and sidecars add up; each init container runs beside the sidecars that started before it, and the largest such
 * moment counts when it is more.
 */
function total(spec: PodSpec): Amounts {
  let together: Amounts = {};
  for (const container of spec.containers ?? []) together = addAmounts(together, requestsOf(container));
  let sidecars: Amounts = {};
  let peak: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) {
      together = addAmounts(together, requestsOf(container));
      sidecars = addAmounts(sidecars, requestsOf(container));
      peak = maxAmounts(peak, sidecars);
    } else peak = maxAmounts(peak, addAmounts(requestsOf(container), sidecars));
  }
  return maxAmounts(together, peak);
}

/** What the pod asks of its node: cpu in thousandths of a core, memory in bytes, …; includes spec.overhead. */
export function podRequests(pod: Pod): Amounts {
  if (!pod.spec) return {};
  const requests = total(pod.spec);
  return pod.spec.overhead ? addAmounts(requests, amountsOf(pod.spec.overhead)) : requests;
}
