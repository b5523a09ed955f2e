import { keyOf } from '../../apimachinery/index.ts';
import { type Amounts, amountsOf, type Pod, podRequests, sharesPorts } from '../../kinds/index.ts';
import { type AffinityTerms, affinityTermsOf, hasTerms } from './affinity-terms.ts';

/** A port that a pod takes on its node. */
export interface HostPort {
  readonly protocol: string;
  /** '' stands for every address. */
  readonly address: string;
  readonly port: number;
  /** Pods with the same group listen on one shared socket and do not exclude each other; '' shares with nobody. */
  readonly shareGroup: string;
}

/** What scheduling needs to know of a pod, computed once. */
export interface PodInfo {
  readonly pod: Pod;
  /** namespace/name. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: AffinityTerms;
  /** Pods of one signature are alike to every rule about other pods, and are counted together. */
  readonly signature: string;
  readonly isTerminating: boolean;
}

function hostPortsOf(pod: Pod, labels: { readonly [key: string]: string }): readonly HostPort[] {
  const { 'pod-template-hash': _, ...stable } = labels;
  const shareGroup = sharesPorts(pod.metadata.annotations) ? `${pod.metadata.namespace}/${JSON.stringify(stable)}` : '';
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')];
  return containers
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort ? [{ protocol, address: hostIP === undefined || hostIP === '0.0.0.0' || hostIP === '::' ? '' : hostIP, port: hostPort, shareGroup }] : [],
    );
}

/** Requests of the pod as a whole take the place of what its containers add up to. */
function requestsOf(pod: Pod): Amounts {
  const requests = podRequests(pod);
  const whole = pod.spec?.resources?.requests;
  return whole ? { ...requests, ...amountsOf(whole) } : requests;
}

export function podInfo(pod: Pod): PodInfo {
  const labels = pod.metadata.labels ?? {};
  const namespace = pod.metadata.namespace ?? '';
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const affinity = affinityTermsOf(pod);
  const terms = hasTerms(affinity) ? JSON.stringify([pod.spec?.affinity?.podAffinity, pod.spec?.affinity?.podAntiAffinity]) : '';
  return {
    pod,
    key: keyOf(pod),
    namespace,
    labels,
    requests: requestsOf(pod),
    hostPorts: hostPortsOf(pod, labels),
    affinity,
    signature: `${namespace}${isTerminating ? '!' : ' '}${JSON.stringify(labels)}${terms}`,
    isTerminating,
  };
}
