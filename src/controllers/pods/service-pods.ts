import { labelMapMatcher } from '../../apimachinery/index.ts';
import { isPodReady, isPodTerminal, type Pod, type Service } from '../../kinds/index.ts';

/** Whether the service finds its endpoints by itself; otherwise its user lists them. */
export const hasSelector = (service: Service): boolean => service.spec?.selector !== undefined && service.spec.type !== 'ExternalName';

export const selects = (service: Service, pod: Pod): boolean => hasSelector(service) && labelMapMatcher(service.spec?.selector).matches(pod.metadata.labels);

export const isHeadless = (service: Service): boolean => service.spec?.clusterIP === 'None';

/** The family of an address that the API has accepted. */
export const familyOf = (ip: string): 'IPv4' | 'IPv6' => (ip.includes(':') ? 'IPv6' : 'IPv4');

/** The pod's addresses of one family, the first only. */
export function addressesOf(pod: Pod, family: 'IPv4' | 'IPv6'): readonly string[] {
  const all = pod.status?.podIPs?.map((one) => one.ip) ?? (pod.status?.podIP ? [pod.status.podIP] : []);
  return all.filter((ip) => ip !== undefined && familyOf(ip) === family).slice(0, 1);
}

/** Running somewhere, with an address, and not ended. */
export const isReachable = (pod: Pod): boolean => !isPodTerminal(pod) && (pod.status?.podIP !== undefined || (pod.status?.podIPs?.length ?? 0) > 0);

/** A pod's own name in DNS, which it has under the headless service of its subdomain. */
export const hostnameUnder = (service: Service, pod: Pod): string | undefined =>
  pod.spec?.hostname && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined;

const endpointFacts = (pod: Pod): readonly unknown[] => [
  isPodTerminal(pod),
  pod.metadata.deletionTimestamp !== undefined,
  pod.status?.podIP,
  pod.status?.podIPs?.map((one) => one.ip).join(),
  isPodReady(pod),
  pod.spec?.nodeName,
  pod.spec?.hostname,
  pod.spec?.subdomain,
  pod.metadata.uid,
];

/** Whether an update of the pod can change any service's endpoints. Most updates (restarts, probes) cannot. */
export function endpointsDiffer(old: Pod, pod: Pod): boolean {
  const now = endpointFacts(pod);
  return endpointFacts(old).some((fact, index) => fact !== now[index]) || labelsDiffer(old, pod);
}

/** Whether the pod's labels changed, and with them which services have it. */
export const labelsDiffer = (old: Pod, pod: Pod): boolean =>
  old.metadata.labels !== pod.metadata.labels && JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels);
