import type { Pod } from '../../kinds/index.ts';
import type { ContainerRecord } from '../../runtimes/index.ts';
import type { Closable, Timer } from '../../std/index.ts';
import { EXEC_MODE, millisecondsOf } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

const DEFAULT_LISTEN_TIMEOUT_MS = 3_000;
/** A program that opens no port is online once it has lived as long as PM2's default min_uptime. */
const DEFAULT_PORTLESS_MS = 1_000;
/** While a program boots somebody waits for it: looked at often at first, seldom afterwards. */
const FIRST_STEP_MS = 12;
const BOOT_MS = 1_000;
const LAST_STEP_MS = 250;

/**
 * When an app in PM2's words is online: it said `ready` where it promised to, it listens (told by the runtime in cluster mode, looked for
 * otherwise), or it has lived for listen-timeout (without one: 3 s where a port must come, 1 s otherwise). Calls `online` once.
 */
export function watchListening(pod: Pod, record: ContainerRecord, parts: WorkerParts, online: () => void): Closable {
  const annotations = pod.metadata.annotations ?? {};
  const sign = annotations['drover.dev/wait-ready'] === 'true' ? 'ready' : annotations[EXEC_MODE] === 'cluster' ? 'listening' : 'port';
  const limitMs = millisecondsOf(pod, 'drover.dev/listen-timeout') ?? (sign === 'port' ? DEFAULT_PORTLESS_MS : DEFAULT_LISTEN_TIMEOUT_MS);
  let look: Timer | undefined;
  let done = false;
  const finish = (): void => {
    if (done) return;
    close();
    online();
  };
  const events = parts.runtime.subscribe((event) => {
    if (event.type === sign && 'containerId' in event && event.containerId === record.id) finish();
  });
  const limit = parts.clock.after(Math.max(record.startedAtMs + limitMs - parts.clock.now(), 0), finish);
  const close = (): void => {
    done = true;
    look?.close();
    limit.close();
    void events.close();
  };
  const nextStep = (stepMs: number): number => (parts.clock.now() - record.startedAtMs < BOOT_MS ? FIRST_STEP_MS : Math.min(stepMs * 2, LAST_STEP_MS));
  const lookAgain = (stepMs: number): void => {
    look = parts.clock.after(stepMs, () => {
      parts.runtime.listeningPorts(record.id).then(
        (ports) => (ports.length > 0 ? finish() : done || lookAgain(nextStep(stepMs))),
        (error: unknown) => {
          parts.onError(error, `looking for the ports of container ${record.id}`);
          if (!done) lookAgain(LAST_STEP_MS);
        },
      );
    });
  };
  if (sign === 'port') lookAgain(FIRST_STEP_MS);
  return { close };
}
