import { type DiscoveryEndpointPort, type Endpoint, isPodReady, type Pod, type Service, targetPortOf } from '../../kinds/index.ts';
import { addressesOf, hostnameUnder, isReachable } from '../pods/service-pods.ts';

/** Endpoints that share their ports; slices hold one group each. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly DiscoveryEndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export const familiesOf = (service: Service): readonly ('IPv4' | 'IPv6')[] => {
  const families = (service.spec?.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  return families.length > 0 ? families : ['IPv4'];
};

function portsOf(service: Service, pod: Pod): readonly DiscoveryEndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port.targetPort ?? port.port, port.protocol);
    if (number === undefined) return [];
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) }];
  });
}

function endpointOf(service: Service, pod: Pod, addresses: readonly string[]): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isPodReady(pod);
  const hostname = hostnameUnder(service, pod);
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return {
    addresses,
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname ? { hostname } : {}),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** Ports by number are the same for every pod: they are worked out once, which halves the cost for services with thousands of pods. */
function portsFor(service: Service): (pod: Pod) => readonly DiscoveryEndpointPort[] {
  const byName = (service.spec?.ports ?? []).some((port) => typeof port.targetPort === 'string');
  let shared: readonly DiscoveryEndpointPort[] | undefined;
  return (pod) => {
    if (byName) return portsOf(service, pod);
    shared ??= portsOf(service, pod);
    return shared;
  };
}

/** The endpoints that a service should have, given the pods that it selects, grouped by the ports they offer. */
export function wantedGroups(service: Service, pods: readonly Pod[]): readonly EndpointGroup[] {
  const groups = new Map<string, { readonly group: Omit<EndpointGroup, 'endpoints'>; readonly endpoints: Endpoint[] }>();
  const portsIn = portsFor(service);
  const hasPorts = (service.spec?.ports ?? []).length > 0;
  for (const addressType of familiesOf(service)) {
    let last: { readonly ports: readonly DiscoveryEndpointPort[]; readonly endpoints: Endpoint[] } | undefined;
    for (const pod of pods) {
      if (!isReachable(pod)) continue;
      const addresses = addressesOf(pod, addressType);
      if (addresses.length === 0) continue;
      const ports = portsIn(pod);
      if (ports.length === 0 && hasPorts) continue;
      if (last?.ports !== ports) {
        const key = groupKey(addressType, ports);
        const entry = groups.get(key) ?? { group: { addressType, ports }, endpoints: [] };
        groups.set(key, entry);
        last = { ports, endpoints: entry.endpoints };
      }
      last.endpoints.push(endpointOf(service, pod, addresses));
    }
  }
  return [...groups.values()].map(({ group, endpoints }) => ({ ...group, endpoints }));
}

/** The same text for the same family and ports, in whatever order these stand. */
export const groupKey = (addressType: string, ports: readonly DiscoveryEndpointPort[] | undefined): string =>
  JSON.stringify([
    addressType,
    (ports ?? []).map((port) => JSON.stringify([port.name ?? '', port.port ?? null, port.protocol ?? 'TCP', port.appProtocol ?? ''])).sort(),
  ]);
