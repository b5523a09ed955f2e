import type { EndpointSlice, Service, ServicePort } from '../../kinds/index.ts';
import { parseIPv4 } from '../address.ts';
import type { HostRecord, PortRoute, ServiceRoute } from './route.ts';

const AFFINITY_DEFAULT_SECONDS = 10_800;

const isProtocol = (protocol: string): protocol is 'TCP' | 'UDP' => protocol === 'TCP' || protocol === 'UDP';

/** Endpoint addresses that may be used now. An absent condition means ready. */
function readyAddresses(
  slices: readonly EndpointSlice[],
  publishNotReady: boolean,
): readonly { readonly slice: EndpointSlice; readonly ip: string; readonly hostname?: string }[] {
  return slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter((endpoint) => publishNotReady || endpoint.conditions?.ready !== false)
        .flatMap((endpoint) => {
          // All addresses of an endpoint are the same pod; consumers use the first.
          const ip = endpoint.addresses[0];
          if (ip === undefined || parseIPv4(ip) === undefined) return [];
          return [{ slice, ip, ...(endpoint.hostname ? { hostname: endpoint.hostname } : {}) }];
        }),
    );
}

function portRoute(port: ServicePort, protocol: 'TCP' | 'UDP', ready: ReturnType<typeof readyAddresses>): PortRoute {
  const name = port.name ?? '';
  const endpoints = new Set<string>();
  for (const { slice, ip } of ready) {
    for (const target of slice.ports ?? []) {
      if ((target.name ?? '') === name && target.port !== undefined && (target.protocol ?? 'TCP') === protocol) endpoints.add(`${ip}:${target.port}`);
    }
  }
  return { name, protocol, port: port.port, ...(port.nodePort ? { nodePort: port.nodePort } : {}), endpoints: [...endpoints].sort() };
}

function hostRecords(ready: ReturnType<typeof readyAddresses>): readonly HostRecord[] {
  const byAddress = new Map<string, HostRecord>();
  for (const { ip, hostname } of ready) {
    const known = byAddress.get(ip);
    if (!known || (hostname && (!known.hostname || hostname < known.hostname))) byAddress.set(ip, { ip, ...(hostname ? { hostname } : {}) });
  }
  return [...byAddress.values()].sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

/**
 * What the data path is told of one Service. Pure; the result depends only on the set of slices, not on their order. Undefined for a Service that has
 * no address yet.
 */
export function serviceRoute(service: Service, slices: readonly EndpointSlice[]): ServiceRoute | undefined {
  const spec = service.spec ?? {};
  const identity = { namespace: service.metadata.namespace ?? '', name: service.metadata.name ?? '' };
  if (spec.type === 'ExternalName') {
    return spec.externalName ? { ...identity, type: 'external', externalName: spec.externalName.replace(/\.$/, ''), ports: [], hosts: [] } : undefined;
  }
  const ready = readyAddresses(slices, spec.publishNotReadyAddresses === true);
  const ports = (spec.ports ?? []).flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    return isProtocol(protocol) ? [portRoute(port, protocol, ready)] : [];
  });
  if (spec.clusterIP === 'None') return { ...identity, type: 'headless', ports, hosts: hostRecords(ready) };
  if (!spec.clusterIP || parseIPv4(spec.clusterIP) === undefined) return undefined;
  const affinity = spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_DEFAULT_SECONDS) : undefined;
  return {
    ...identity,
    type: 'cluster',
    clusterIP: spec.clusterIP,
    ...(affinity === undefined ? {} : { affinitySeconds: affinity }),
    ports,
    hosts: hostRecords(ready),
  };
}
