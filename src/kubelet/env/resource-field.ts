import { cpuMilli, quantityValue } from '../../apimachinery/index.ts';
import type { Container, Pod, ResourceFieldSelector } from '../../kinds/index.ts';
import type { ContainerResources } from '../../runtimes/index.ts';
import { ConfigError } from './config-error.ts';

/** What the node can give; stands in for limits that a container does not set. */
export interface MachineResources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
}

/** Bytes of a quantity; undefined when there is none. */
export const quantityBytes = (text: string | undefined): number | undefined => (text === undefined ? undefined : quantityValue(text));

/** The value of a downward API `resourceFieldRef`: rounded up in units of the divisor, as Kubernetes writes it. */
export function resourceFieldValue(pod: Pod, selector: ResourceFieldSelector, ownName: string, machine: MachineResources): string {
  const name = selector.containerName ?? ownName;
  const container = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((one) => one.name === name);
  if (!container) throw new ConfigError(`container ${name} not found`);
  const [kind, resource] = splitOnce(selector.resource);
  const { limits, requests } = container.resources ?? {};
  const text = kind === 'limits' ? limits?.[resource] : (requests?.[resource] ?? undefined);
  const divisor = selector.divisor === undefined || selector.divisor === '0' ? '1' : selector.divisor;
  switch (resource) {
    case 'cpu': {
      const milli = text === undefined ? (kind === 'limits' ? machine.cpuMilli : 0) : cpuMilli(text);
      return String(Math.ceil(milli / cpuMilli(divisor)));
    }
    case 'memory':
    case 'ephemeral-storage': {
      const whole = resource === 'memory' ? machine.memoryBytes : machine.ephemeralStorageBytes;
      const bytes = text === undefined ? (kind === 'limits' ? whole : 0) : quantityValue(text);
      return String(Math.ceil(bytes / quantityValue(divisor)));
    }
    default:
      throw new ConfigError(`unsupported container resource : ${selector.resource}`);
  }
}

function splitOnce(text: string): readonly [string, string] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** A container's limits and requests in the runtime's units. */
export function containerResources(container: Pick<Container, 'resources'>): ContainerResources {
  const { limits, requests } = container.resources ?? {};
  const cpuLimit = limits?.['cpu'];
  const cpuRequest = requests?.['cpu'] ?? cpuLimit;
  const memoryLimit = limits?.['memory'];
  const memoryRequest = requests?.['memory'] ?? memoryLimit;
  return {
    ...(cpuLimit === undefined ? {} : { cpuLimit: cpuMilli(cpuLimit) / 1000 }),
    ...(cpuRequest === undefined ? {} : { cpuRequest: cpuMilli(cpuRequest) / 1000 }),
    ...(memoryLimit === undefined ? {} : { memoryLimitBytes: quantityValue(memoryLimit) }),
    ...(memoryRequest === undefined ? {} : { memoryRequestBytes: quantityValue(memoryRequest) }),
  };
}
