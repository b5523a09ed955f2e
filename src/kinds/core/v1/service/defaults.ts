import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../schema/types.ts';

const portDefaults = (port: ServicePort): ServicePort => {
  const filled = fill(port, { protocol: 'TCP' });
  // 0 and '' are how Go's clients leave it out.
  return filled.targetPort || !filled.port ? filled : { ...filled, targetPort: filled.port };
};

function specDefaults(given: ServiceSpec): ServiceSpec {
  let spec = fill(given, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec = { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } };
  }
  spec = alter(spec, 'ports', (ports) => mapSame(ports, portDefaults));
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (outside || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)) spec = fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (spec.type === 'ExternalName') return spec;
  spec = fill(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  return spec.type === 'LoadBalancer' ? fill(spec, { allocateLoadBalancerNodePorts: true }) : spec;
}

/** Kubernetes' defaults of a Service on a cluster with IPv4 addresses. Addresses and node ports are the API server's to allocate. */
export const serviceDefaults = (object: Service): Service => alter(fill(object, { status: { loadBalancer: {} } }), 'spec', specDefaults);
