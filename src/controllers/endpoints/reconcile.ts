import {
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  type Endpoints,
  isPodReady,
  type Pod,
  type Service,
  targetPortOf,
} from '../../kinds/index.ts';
import { familiesOf } from '../endpoint-slice/wanted.ts';
import { addressesOf, hostnameUnder, isHeadless, isReachable } from '../pods/service-pods.ts';

/** One Endpoints object holds at most so many addresses; EndpointSlices hold them all. */
export const CAPACITY = 1000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const HEADLESS = 'service.kubernetes.io/headless';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Whether this controller made the object. */
export const isManaged = (endpoints: Endpoints): boolean => endpoints.metadata.labels?.[MANAGED_BY] === MANAGER;

interface Candidate {
  readonly address: EndpointAddress;
  readonly ports: readonly EndpointPort[];
  readonly ready: boolean;
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port.targetPort ?? port.port, port.protocol);
    if (number === undefined) return [];
    const optional = { ...(port.name ? { name: port.name } : {}), ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) };
    return [{ ...optional, port: number, protocol: port.protocol ?? 'TCP' }];
  });
}

function candidates(service: Service, pods: readonly Pod[]): readonly Candidate[] {
  const tolerant = service.spec?.publishNotReadyAddresses === true;
  return pods.flatMap((pod) => {
    const ip = addressesOf(pod, familiesOf(service)[0]!)[0];
    if (ip === undefined || !isReachable(pod) || (pod.metadata.deletionTimestamp !== undefined && !tolerant)) return [];
    const ports = portsOf(service, pod);
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) return [];
    const hostname = hostnameUnder(service, pod);
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    const address = {
      ip,
      ...(hostname ? { hostname } : {}),
      ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
      targetRef: { kind: 'Pod', namespace, name, uid },
    };
    return [{ address, ports, ready: tolerant || isPodReady(pod) }];
  });
}

const byAddress = (a: EndpointAddress, b: EndpointAddress): number => {
  const [first, second] = [`${a.ip} ${a.targetRef?.uid}`, `${b.ip} ${b.targetRef?.uid}`];
  return first < second ? -1 : first > second ? 1 : 0;
};

function subsetsOf(list: readonly Candidate[]): readonly EndpointSubset[] {
  const byPorts = new Map<string, Candidate[]>();
  for (const candidate of list) {
    const key = JSON.stringify(candidate.ports);
    byPorts.set(key, [...(byPorts.get(key) ?? []), candidate]);
  }
  return [...byPorts.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const addresses = group.filter((one) => one.ready).map((one) => one.address);
      const notReadyAddresses = group.filter((one) => !one.ready).map((one) => one.address);
      const ports = group[0]!.ports;
      return {
        ...(addresses.length > 0 ? { addresses: addresses.sort(byAddress) } : {}),
        ...(notReadyAddresses.length > 0 ? { notReadyAddresses: notReadyAddresses.sort(byAddress) } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      };
    });
}

/** The Endpoints that a service should have, given the pods that it selects. Beyond the capacity, ready addresses are kept first. */
export function wantedEndpoints(service: Service, pods: readonly Pod[], current: Endpoints | undefined): Endpoints {
  const all = candidates(service, pods);
  const truncated = all.length > CAPACITY;
  const kept = truncated ? all.toSorted((a, b) => Number(b.ready) - Number(a.ready) || byAddress(a.address, b.address)).slice(0, CAPACITY) : all;
  const { [OVER_CAPACITY]: _, [TRIGGER_TIME]: __, ...others } = current?.metadata.annotations ?? {};
  const annotations = truncated ? { ...others, [OVER_CAPACITY]: 'truncated' } : others;
  const subsets = subsetsOf(kept);
  const { annotations: ___, ...metadata } = current?.metadata ?? { name: service.metadata.name ?? '', namespace: service.metadata.namespace ?? '' };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      labels: { ...service.metadata.labels, [MANAGED_BY]: MANAGER, ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}
