import type { LifecycleHandler } from '../../kinds/index.ts';
import { type ProbeTarget, runHandler } from '../probes/run-probe.ts';
import type { WorkerParts } from './worker-parts.ts';

/** A hook without an end would keep its container from ever being ready; after this it counts as failed. */
const LIMIT_MS = 3_600_000;

/** Runs a start hook. Resolves with why it failed, or undefined. The container may be stopped meanwhile: nobody waits for the hook then. */
export function runPostStart(
  hook: LifecycleHandler,
  target: ProbeTarget,
  parts: Pick<WorkerParts, 'clock' | 'exec'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!hook.sleep) return runHandler(hook, target, LIMIT_MS, parts.exec);
  const done = (): undefined => undefined;
  return parts.clock.sleep(hook.sleep.seconds * 1000, signal).then(done, done);
}
