import { deepEqual } from '../../../../apimachinery/index.ts';
import { without } from '../../../defaults/immutable.ts';
import type { Service, ServiceSpec } from '../../../schema/types.ts';

const usesNodePorts = (spec: ServiceSpec | undefined): boolean =>
  spec?.type === 'NodePort' || (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** Fields that only mean something for the old type go when the type changes and they were not changed with it. */
function dropOfOldType(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const next = { ...spec };
  if (spec.type === 'ExternalName' && old.type !== 'ExternalName' && spec.clusterIP === old.clusterIP) {
    delete next.clusterIP;
    delete next.clusterIPs;
    delete next.ipFamilies;
    delete next.ipFamilyPolicy;
    delete next.internalTrafficPolicy;
  }
  if (old.type === 'ExternalName' && spec.type !== 'ExternalName' && spec.externalName === old.externalName) delete next.externalName;
  if (usesNodePorts(old) && !usesNodePorts(spec) && next.ports) {
    const before = new Set((old.ports ?? []).map((port) => port.nodePort));
    next.ports = next.ports.map((port) => {
      if (port.nodePort === undefined || !before.has(port.nodePort)) return port;
      return without(port, 'nodePort');
    });
  }
  if (
    spec.type === 'ClusterIP' &&
    old.type !== 'ClusterIP' &&
    (spec.externalIPs?.length ?? 0) === 0 &&
    spec.externalTrafficPolicy === old.externalTrafficPolicy
  ) {
    delete next.externalTrafficPolicy;
  }
  if (spec.type !== 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) delete next.allocateLoadBalancerNodePorts;
  if (spec.sessionAffinity === 'None') delete next.sessionAffinityConfig;
  return next;
}

/** Keeps the allocated addresses and ports that an update leaves out (a replace without them keeps them), and the status. */
export function prepareServiceUpdate(object: Service, old: Service): Service {
  const kept = { ...object, ...(old.status ? { status: old.status } : {}) };
  const spec = object.spec;
  const before = old.spec;
  if (!spec || !before) return kept;
  let next: ServiceSpec = spec;
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    if (!spec.clusterIP && before.clusterIP) next = { ...next, clusterIP: before.clusterIP };
    if (!spec.clusterIPs && before.clusterIPs && next.clusterIP === before.clusterIP) next = { ...next, clusterIPs: before.clusterIPs };
    // Old clients know clusterIP alone: changing it means changing both.
    if (spec.clusterIP && spec.clusterIP !== before.clusterIP && deepEqual(spec.clusterIPs, before.clusterIPs))
      next = { ...next, clusterIPs: [spec.clusterIP] };
  }
  if (usesNodePorts(spec) && usesNodePorts(before) && next.ports) {
    const byPort = new Map((before.ports ?? []).map((port) => [`${port.protocol}/${port.port}`, port.nodePort]));
    const taken = new Set(next.ports.map((port) => port.nodePort).filter((port) => port !== undefined));
    next = {
      ...next,
      ports: next.ports.map((port) => {
        const nodePort = byPort.get(`${port.protocol}/${port.port}`);
        return port.nodePort === undefined && nodePort !== undefined && !taken.has(nodePort) ? { ...port, nodePort } : port;
      }),
    };
  }
  return { ...kept, spec: dropOfOldType(next, before) };
}
