import type { Pod, Probe } from '../../kinds/index.ts';
import type { SandboxNetwork } from '../../runtimes/index.ts';
import type { Closable } from '../../std/index.ts';
import { startProber } from '../probes/container-prober.ts';
import type { ProbeAnswer, ProbeKind } from '../probes/probe-state.ts';
import { fieldPathOf } from './container-event.ts';
import { type ContainerTrack, EXEC_MODE } from './container-track.ts';
import { watchListening } from './listening.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Watches one run of a container: probes, or for PM2's apps the signs of readiness. Changes the track and says so. */
export function watchContainer(pod: Pod, track: ContainerTrack, network: SandboxNetwork, parts: WorkerParts, changed: () => void): Closable | undefined {
  const record = track.latest;
  if (record?.state !== 'running') return undefined;
  const { spec } = track;
  const current = (): boolean => track.latest?.id === record.id && track.latest.state === 'running';
  const set = (change: () => void): void => {
    if (!current()) return;
    change();
    changed();
  };
  const closers: Closable[] = [];
  const ownReadiness = spec.readinessProbe === undefined && pod.metadata.annotations?.[EXEC_MODE] !== undefined && track.role === 'main';
  const becomeStarted = (): void => {
    track.started = true;
    if (spec.readinessProbe === undefined && !ownReadiness) track.ready = true;
    else if (ownReadiness && !track.ready) closers.push(watchListening(pod, record, parts, () => set(() => (track.ready = true))));
  };
  if (spec.startupProbe === undefined || track.started) becomeStarted();
  if (spec.startupProbe || spec.livenessProbe || spec.readinessProbe) {
    closers.push(
      startProber({
        container: spec,
        target: { containerId: record.id, host: network.ip, ports: spec.ports ?? [] },
        startedAtMs: record.startedAtMs,
        initially: { started: track.started, ready: track.ready },
        clock: parts.clock,
        random: parts.random,
        exec: parts.exec,
        listener: {
          started: () => set(becomeStarted),
          ready: (ready) => set(() => (track.ready = ready)),
          failed: (kind, probe) => set(() => requestKill(track, kind, probe)),
          unhealthy: (kind, answer) => current() && unhealthy(pod, track, kind, answer, parts),
        },
      }),
    );
  }
  return {
    close() {
      for (const one of closers.splice(0)) void one.close();
    },
  };
}

function requestKill(track: ContainerTrack, kind: 'startup' | 'liveness', probe: Probe): void {
  track.ready = false;
  track.kill = {
    why: kind,
    message: `Container ${track.name} failed ${kind} probe, will be restarted`,
    ...(probe.terminationGracePeriodSeconds === undefined ? {} : { graceSeconds: probe.terminationGracePeriodSeconds }),
  };
}

const TITLES: { readonly [kind in ProbeKind]: string } = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

function unhealthy(pod: Pod, track: ContainerTrack, kind: ProbeKind, answer: ProbeAnswer, parts: WorkerParts): void {
  const fieldPath = fieldPathOf(track);
  const what = answer.outcome === 'error' ? 'errored and resulted in unknown state' : 'failed';
  parts.events.event(pod, 'Warning', 'Unhealthy', `${TITLES[kind]} probe ${what}: ${answer.message}`, { fieldPath });
}
