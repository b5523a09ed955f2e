import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import type { Container, Pod, PodSpec } from '../../../schema/types.ts';
import { sharesPorts } from './annotations.ts';
import { podSpecDefaults } from './spec-defaults.ts';

/** A limit without a request is a request too. */
const requestsFromLimits = (container: Container): Container => {
  const limits = container.resources?.limits;
  if (!limits) return container;
  return alter(container, 'resources', (resources) => {
    const requests = fill(resources.requests ?? {}, limits);
    return requests === resources.requests ? resources : { ...resources, requests };
  });
};

/** On the machine's own network a container's port is the machine's. */
const hostPorts = (container: Container): Container =>
  alter(container, 'ports', (ports) => mapSame(ports, (port) => (port.hostPort || !port.containerPort ? port : { ...port, hostPort: port.containerPort })));

/** What only pods get, and templates do not. */
function podOnly(given: PodSpec, sharedPorts: boolean): PodSpec {
  let spec = fill(given, { enableServiceLinks: true });
  spec = alter(spec, 'containers', (containers) => mapSame(containers, requestsFromLimits));
  spec = alter(spec, 'initContainers', (containers) => mapSame(containers, requestsFromLimits));
  if (!spec.hostNetwork || sharedPorts) return spec;
  spec = alter(spec, 'containers', (containers) => mapSame(containers, hostPorts));
  return alter(spec, 'initContainers', (containers) => mapSame(containers, hostPorts));
}

/**
 * Kubernetes' defaults of a pod. Replicas that share one listening socket (drover.dev/exec-mode: cluster) keep their ports free of hostPort:
 * each holding it alone is what they do not do.
 */
export const podDefaults = (object: Pod): Pod => alter(object, 'spec', (spec) => podOnly(podSpecDefaults(spec), sharesPorts(object.metadata.annotations)));
