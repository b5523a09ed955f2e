import type { Pod } from '../../kinds/index.ts';
import type { SandboxConfig, SandboxNetwork } from '../../runtimes/index.ts';
import { errorText } from '../../std/index.ts';
import type { PodIdentity } from '../contract.ts';
import { containerResources } from '../env/resource-field.ts';
import { setUpVolumes, VolumeError } from '../volumes/pod-volumes.ts';
import { podLogDirectory } from './container-config.ts';
import { millisecondsOf } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

/** What the network is told of a pod. */
function podIdentity(pod: Pod): PodIdentity {
  const { spec } = pod;
  return {
    uid: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name ?? '',
    hostNetwork: spec?.hostNetwork === true,
    ...(spec?.hostname ? { hostname: spec.hostname } : {}),
    ...(spec?.subdomain ? { subdomain: spec.subdomain } : {}),
    ...(spec?.hostAliases ? { hostAliases: spec.hostAliases } : {}),
    ...(spec?.dnsPolicy ? { dnsPolicy: spec.dnsPolicy } : {}),
    ...(spec?.dnsConfig ? { dnsConfig: spec.dnsConfig } : {}),
  };
}

export const GRACE_LABEL = 'drover.dev/grace-ms';
export const SIGNAL_LABEL = 'drover.dev/stop-signal';

/**
 * Gives a pod its address, volumes and sandbox, in that order. Every step may be repeated, so a crash in between is healed by doing all of it again.
 * A failure is told in an event; the result is false then, and it should be tried again later.
 */
export async function preparePod(pod: Pod, parts: WorkerParts, attached: (network: SandboxNetwork) => void): Promise<boolean> {
  try {
    const network = await parts.network.attach(podIdentity(pod));
    attached(network);
    const input = { pod, sources: parts.sources, fields: { podIP: network.ip, hostIP: parts.nodeAddress }, machine: parts.machine };
    const notices = pod.spec?.volumes?.length ? await setUpVolumes(parts.home.pods, input) : [];
    for (const notice of notices) parts.events.event(pod, 'Warning', 'VolumeNotice', notice);
    await parts.runtime.startSandbox(sandboxOf(pod, parts, network));
    return true;
  } catch (error) {
    const message = errorText(error);
    if (error instanceof VolumeError) parts.events.event(pod, 'Warning', 'FailedMount', message);
    else parts.events.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
    return false;
  }
}

/** The sandbox remembers how to stop the pod, for the case that the API has forgotten it. */
function sandboxOf(pod: Pod, parts: WorkerParts, network: SandboxNetwork): SandboxConfig {
  const graceMs = millisecondsOf(pod, 'drover.dev/kill-timeout') ?? (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  return {
    id: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name ?? '',
    labels: { ...pod.metadata.labels, [GRACE_LABEL]: String(graceMs), [SIGNAL_LABEL]: pod.metadata.annotations?.['drover.dev/stop-signal'] ?? 'SIGTERM' },
    logDirectory: podLogDirectory(parts.home.logs, pod),
    network,
    ...(pod.spec?.hostname ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec?.resources ? { resources: containerResources({ resources: pod.spec.resources }) } : {}),
  };
}
