import type { EventRecorder } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';
import { restartDelayMs } from './back-off.ts';
import type { ContainerTrack } from './container-track.ts';
import { standingOf } from './decide.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Where in the pod a container is, as events name it. */
export const fieldPathOf = (track: Pick<ContainerTrack, 'role' | 'name'>): string =>
  `spec.${track.role === 'main' ? 'containers' : 'initContainers'}{${track.name}}`;

/** An event about one container of a pod. */
export function containerEvent(
  events: EventRecorder,
  pod: Pod,
  track: Pick<ContainerTrack, 'role' | 'name'>,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  events.event(pod, type, reason, message, { fieldPath: fieldPathOf(track) });
}

/** Says once per ended run that its restart is held back. */
export function announceBackOff(pod: Pod, tracks: readonly ContainerTrack[], parts: Pick<WorkerParts, 'events'>): void {
  for (const track of tracks) {
    if (track.latest?.state !== 'exited' || track.backOffAnnounced === track.latest.attempt) continue;
    if (standingOf(track).is !== 'due' || restartDelayMs(track) === 0) continue;
    track.backOffAnnounced = track.latest.attempt;
    const name = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    containerEvent(parts.events, pod, track, 'Warning', 'BackOff', `Back-off restarting failed container ${track.name} in pod ${name}`);
  }
}
