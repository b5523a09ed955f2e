import type { ContainerRecord, SandboxConfig } from '../../runtimes/index.ts';
import { unlinkContainerLog } from '../logs/container-links.ts';
import { removePodDirectory } from '../volumes/pod-volumes.ts';
import { GRACE_LABEL, SIGNAL_LABEL } from './prepare-pod.ts';
import type { WorkerParts } from './worker-parts.ts';

const DEFAULT_GRACE_MS = 30_000;
const LOOK_MS = 200;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

/** Ends a pod that the API forgot while this process was away, with the grace and the signal that its sandbox remembers. Its hooks are not known any more. */
export async function stopOrphan(sandbox: SandboxConfig, records: readonly ContainerRecord[], parts: WorkerParts, closing: AbortSignal): Promise<void> {
  const running = new Set(records.filter((one) => one.state === 'running').map((one) => one.id));
  const graceMs = Number(sandbox.labels[GRACE_LABEL] ?? DEFAULT_GRACE_MS);
  const signal = SIGNALS.find((one) => one === sandbox.labels[SIGNAL_LABEL]) ?? 'SIGTERM';
  const events = parts.runtime.subscribe((event) => {
    if (event.type === 'exited') running.delete(event.container.id);
  });
  try {
    if (running.size > 0 && sandbox.network.mode !== 'host') await parts.network.withdraw(sandbox.network.ip);
    const deadlineMs = parts.clock.now() + (Number.isFinite(graceMs) ? graceMs : DEFAULT_GRACE_MS);
    await Promise.all([...running].map((id) => parts.runtime.drainContainer(id, Math.max((deadlineMs - parts.clock.now()) / 2, 0))));
    await Promise.all([...running].map((id) => parts.runtime.signalContainer(id, signal)));
    while (running.size > 0 && parts.clock.now() < deadlineMs && !closing.aborted) await parts.clock.sleep(LOOK_MS, closing).catch(() => undefined);
    if (closing.aborted) return;
    await Promise.all([...running].map((id) => parts.runtime.signalContainer(id, 'SIGKILL')));
    for (const record of parts.linkLogs ? records : []) await unlinkContainerLog(parts.home.logs, sandbox, record);
    await parts.runtime.removeSandbox(sandbox.id, { removeLogs: true });
    await parts.network.detach(sandbox.id);
    await removePodDirectory(parts.home.pods, sandbox.id);
  } finally {
    await events.close();
  }
}
