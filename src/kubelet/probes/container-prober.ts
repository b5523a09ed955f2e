import type { Container, Probe } from '../../kinds/index.ts';
import type { Clock, Closable, Timer } from '../../std/index.ts';
import { afterAnswer, nextRunMs, type ProbeAnswer, type ProbeKind, type ProbeState, periodMs, UNPROBED } from './probe-state.ts';
import { type ProbeTarget, probesOf, type RunInContainer, runProbe } from './run-probe.ts';

/** What the prober tells its container's worker. Called only when something changed, except `unhealthy`, which is called for each counted failure. */
interface ProbeListener {
  started(): void;
  ready(ready: boolean): void;
  /** A startup or liveness probe failed often enough. */
  failed(kind: 'startup' | 'liveness', probe: Probe): void;
  unhealthy(kind: ProbeKind, answer: ProbeAnswer): void;
}

export interface ProberOptions {
  readonly container: Container;
  readonly target: ProbeTarget;
  readonly startedAtMs: number;
  /** What was known before this process: an adopted container keeps its standing until a probe says otherwise. */
  readonly initially: { readonly started: boolean; readonly ready: boolean };
  readonly listener: ProbeListener;
  readonly clock: Clock;
  readonly random: () => number;
  readonly exec: RunInContainer;
}

interface Running {
  state: ProbeState;
  timer: Timer | undefined;
  quickRuns: number;
}

/**
 * Runs a container's probes from its start until closed.
 *
 *   startup (if any) ──success──▶ liveness and readiness, each on its own timer
 *                    └─failed──▶ listener.failed
 *
 * One timer per probe and none between answers; a container without probes has no prober at all.
 */
export function startProber(options: ProberOptions): Closable {
  const { container, target, listener, clock } = options;
  const probes = probesOf(container);
  const startup = probes.find(([kind]) => kind === 'startup');
  const running = new Map<ProbeKind, Running>();
  let closed = false;
  let ready = options.initially.ready;

  const schedule = (kind: ProbeKind, probe: Probe, inMs: number, quick: boolean): void => {
    const one = running.get(kind);
    if (!one || closed) return;
    one.timer = clock.after(inMs, () => {
      void runProbe(probe, target, options.exec).then((answer) => settle(kind, probe, answer, quick));
    });
  };

  const settle = (kind: ProbeKind, probe: Probe, answer: ProbeAnswer, quick: boolean): void => {
    const one = running.get(kind);
    if (!one || closed) return;
    if (quick && answer.outcome !== 'success') one.quickRuns += 1;
    else {
      const before = one.state.verdict;
      one.state = afterAnswer(one.state, answer, probe);
      if (answer.outcome !== 'success') listener.unhealthy(kind, answer);
      if (one.state.verdict !== before || one.state.verdict === 'failure') announce(kind, probe, one.state);
      if (closed || !running.has(kind)) return;
    }
    const next = nextRunMs(probe, kind, one.state, clock.now() - options.startedAtMs, one.quickRuns);
    schedule(kind, probe, next.inMs, next.quick);
  };

  const announce = (kind: ProbeKind, probe: Probe, state: ProbeState): void => {
    if (kind === 'readiness') {
      const now = state.verdict === 'success';
      if (now !== ready) {
        ready = now;
        listener.ready(now);
      }
    } else if (state.verdict === 'failure') {
      running.get(kind)?.timer?.close();
      running.delete(kind);
      listener.failed(kind, probe);
    } else if (kind === 'startup') {
      running.delete('startup');
      listener.started();
      afterStartup();
    }
  };

  const begin = (kind: ProbeKind, probe: Probe, firstMs: number, quick: boolean): void => {
    running.set(kind, { state: UNPROBED, timer: undefined, quickRuns: 0 });
    schedule(kind, probe, firstMs, quick);
  };

  const afterStartup = (): void => {
    for (const [kind, probe] of probes) {
      if (kind === 'startup') continue;
      // A program that has only just begun is not asked whether it still lives: Kubernetes too comes round with the next period.
      const delayMs = (probe.initialDelaySeconds ?? 0) * 1000 || (kind === 'liveness' && !startup ? periodMs(probe) : 0);
      const initialMs = Math.max(delayMs - (clock.now() - options.startedAtMs), 0);
      // Adopted containers are spread over a period so that a restarted agent does not ask a thousand of them at once.
      const adopted = options.initially.started && clock.now() - options.startedAtMs > periodMs(probe);
      begin(kind, probe, adopted ? options.random() * periodMs(probe) : initialMs, kind === 'readiness' && initialMs === 0 && !adopted);
    }
  };

  if (startup && !options.initially.started) begin('startup', startup[1], (startup[1].initialDelaySeconds ?? 0) * 1000, !startup[1].initialDelaySeconds);
  else afterStartup();

  return {
    close() {
      closed = true;
      for (const one of running.values()) one.timer?.close();
      running.clear();
    },
  };
}
