import { isConflict, isNotFound } from '../../apimachinery/index.ts';
import { type LogOwner, unlinkContainerLog } from '../logs/container-links.ts';
import type { StatusSource } from '../status/status-writer.ts';
import { removePodDirectory } from '../volumes/pod-volumes.ts';
import type { ContainerTrack } from './container-track.ts';
import type { WorkerParts } from './worker-parts.ts';

const STATUS_LIMIT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/**
 * Removes a pod of which nothing runs: last status, records and logs, address, directory, and last the API's object, so that a crash at any point
 * leaves the object, which brings us here again. Tries for ever; false when this process ends first.
 */
export async function removePod(source: Removable, parts: WorkerParts, goneFromApi: () => boolean, closing: AbortSignal): Promise<boolean> {
  const { uid } = source;
  for (let tries = 0; !closing.aborted; tries += 1) {
    try {
      if (tries === 0 && !goneFromApi()) await lastStatus(source, parts, closing);
      for (const { latest, previous } of parts.linkLogs ? source.tracks : [])
        for (const run of [latest, previous]) if (run) await unlinkContainerLog(parts.home.logs, source.logOwner, run);
      await parts.runtime.removeSandbox(uid, { removeLogs: true });
      await parts.network.detach(uid);
      await removePodDirectory(parts.home.pods, uid);
      if (!goneFromApi()) await deleteObject(source, parts);
      parts.status.forget(uid);
      return true;
    } catch (error) {
      if (closing.aborted) break;
      parts.onError(error, `removing pod ${source.pod.metadata.namespace}/${source.pod.metadata.name}`);
      await parts.clock.sleep(Math.min(FIRST_RETRY_MS * 2 ** tries, MAX_RETRY_MS), closing).catch(() => undefined);
    }
  }
  return false;
}

/** A pod with its runs: their logs' links are removed with it. */
export interface Removable extends StatusSource {
  readonly logOwner: LogOwner;
  readonly tracks: readonly Pick<ContainerTrack, 'latest' | 'previous'>[];
}

async function lastStatus(source: StatusSource, parts: WorkerParts, closing: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const timer = parts.clock.after(STATUS_LIMIT_MS, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, closing]);
  await parts.status.flush(source, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  timer.close();
}

async function deleteObject(source: StatusSource, parts: WorkerParts): Promise<void> {
  const { name, namespace } = source.pod.metadata;
  try {
    await parts.pods.delete(name ?? '', namespace, { gracePeriodSeconds: 0, preconditions: { uid: source.uid } });
  } catch (error) {
    // Gone already, or another pod has taken the name: either way ours is no more.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
