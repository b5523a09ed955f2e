import { controllerRef } from '../../apimachinery/index.ts';
import type { Endpoint, EndpointAddress, EndpointSlice, EndpointSubset, Endpoints, Service } from '../../kinds/index.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpoint-slice/reconcile.ts';
import type { EndpointGroup } from '../endpoint-slice/wanted.ts';
import { familyOf } from '../pods/service-pods.ts';

export const MIRROR = 'endpointslicemirroring-controller.k8s.io';

const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether a user lists the service's addresses by hand, so that slices have to follow the list. */
export const isMirrored = (service: Service | undefined, endpoints: Endpoints | undefined): boolean =>
  service !== undefined &&
  endpoints !== undefined &&
  service.spec?.selector === undefined &&
  endpoints.metadata.deletionTimestamp === undefined &&
  endpoints.metadata.labels?.[SKIP] !== 'true' &&
  endpoints.metadata.annotations?.[LEADER] === undefined;

function endpointOf(address: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [address.ip],
    conditions: { ready },
    ...(address.hostname ? { hostname: address.hostname } : {}),
    ...(address.nodeName ? { nodeName: address.nodeName } : {}),
    ...(address.targetRef ? { targetRef: address.targetRef } : {}),
  };
}

function groupsOf(subset: EndpointSubset): readonly EndpointGroup[] {
  const ports = (subset.ports ?? []).map((port) => ({
    name: port.name ?? '',
    port: port.port,
    protocol: port.protocol ?? 'TCP',
    ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
  }));
  const all = [
    ...(subset.addresses ?? []).map((address) => endpointOf(address, true)),
    ...(subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false)),
  ];
  return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
    const endpoints = all.filter((endpoint) => familyOf(endpoint.addresses[0]!) === addressType);
    return endpoints.length > 0 ? [{ addressType, ports, endpoints }] : [];
  });
}

/** The endpoints of a hand-made list, by family and ports; subsets with the same ports come together. */
export function mirroredGroups(endpoints: Endpoints): readonly EndpointGroup[] {
  const merged = new Map<string, EndpointGroup>();
  for (const group of (endpoints.subsets ?? []).flatMap(groupsOf)) {
    const key = JSON.stringify([group.addressType, group.ports]);
    const before = merged.get(key)?.endpoints ?? [];
    const known = new Set(before.map((endpoint) => endpoint.addresses[0]));
    merged.set(key, { ...group, endpoints: [...before, ...group.endpoints.filter((endpoint) => !known.has(endpoint.addresses[0]))] });
  }
  return [...merged.values()];
}

/** Labels and owner of the slices that mirror `endpoints`. */
export function mirrorMetadata(endpoints: Endpoints): EndpointSlice['metadata'] {
  const { [LAST_APPLIED]: _, ...annotations } = endpoints.metadata.annotations ?? {};
  return {
    generateName: `${endpoints.metadata.name}-`,
    namespace: endpoints.metadata.namespace ?? '',
    labels: { ...endpoints.metadata.labels, [SERVICE_NAME]: endpoints.metadata.name ?? '', [MANAGED_BY]: MIRROR },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ownerReferences: [controllerRef(endpoints)],
  };
}
