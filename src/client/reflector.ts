import { isStatusReason, type KubeObject, StatusError } from '../apimachinery/index.ts';
import type { Clock } from '../std/index.ts';
import { Backoff } from './backoff.ts';
import type { ResourceClient } from './contract.ts';

/** What a reflector tells: a whole state (after which only changes follow), or one change. */
export interface ReflectorSink<T> {
  replace(items: readonly T[]): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: ResourceClient<T>;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Told of every failed list or watch; work goes on. */
  readonly onError: (error: unknown) => void;
}

const PAGE_SIZE = 500;
/** A watch that ends sooner than this and brought nothing counts as failed: asking again at once would be a busy loop. */
const SHORT_WATCH_MS = 1_000;
/** Watches refused this often in a row for another reason than 410: the version we hold may mean nothing to this server any more. */
const REFUSALS_BEFORE_RELIST = 3;

const isGone = (error: unknown): boolean =>
  isStatusReason(error, 'Expired') || isStatusReason(error, 'Gone') || (error instanceof StatusError && error.code === 410);

/** The whole list, in pages. A continuation that expired on the way means starting over, then in one piece. */
async function listAll<T extends KubeObject>(
  client: ResourceClient<T>,
  signal: AbortSignal,
): Promise<{ readonly items: readonly T[]; readonly version: string }> {
  const items: T[] = [];
  let next: string | undefined;
  try {
    for (;;) {
      const page = await client.list({ limit: PAGE_SIZE, signal, ...(next ? { continue: next } : {}) });
      for (const item of page.items) items.push(item);
      next = page.metadata.continue;
      if (!next) return { items, version: page.metadata.resourceVersion ?? '' };
    }
  } catch (error) {
    if (!isGone(error) || items.length === 0) throw error;
    const whole = await client.list({ signal });
    return { items: whole.items, version: whole.metadata.resourceVersion ?? '' };
  }
}

/** Keeps a sink equal to what the server holds, until the signal aborts: list, watch from there, watch again from the last version seen, list again after 410. */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { client, sink, clock, signal } = options;
  const backoff = new Backoff({ baseMs: 100, maxMs: 30_000, random: options.random });
  let version: string | undefined;
  let refusals = 0;

  async function pause(error: unknown): Promise<void> {
    if (error !== undefined && !signal.aborted) options.onError(error);
    if (signal.aborted) return;
    // Rejects only when the signal aborts, which the loop sees by itself.
    await clock.sleep(backoff.next(), signal).catch(() => undefined);
  }

  while (!signal.aborted) {
    if (version === undefined) {
      try {
        const state = await listAll(client, signal);
        if (signal.aborted) return;
        sink.replace(state.items);
        version = state.version;
        refusals = 0;
      } catch (error) {
        await pause(error);
        continue;
      }
    }
    const startedMs = clock.monotonic();
    let seen = 0;
    let failure: unknown;
    try {
      const timeoutSeconds = Math.round(300 * (1 + options.random()));
      for await (const event of client.watch({ resourceVersion: version, allowBookmarks: true, timeoutSeconds, signal })) {
        if (signal.aborted) return;
        if (event.type === 'ERROR') throw StatusError.from(event.object);
        seen++;
        if (event.type !== 'BOOKMARK') sink.changed(event.type, event.object);
        version = event.object.metadata.resourceVersion ?? version;
      }
    } catch (error) {
      failure = error;
    }
    const short = seen === 0 && (failure instanceof StatusError || clock.monotonic() - startedMs < SHORT_WATCH_MS);
    if (!short) {
      backoff.reset();
      refusals = 0;
    }
    if (isGone(failure)) {
      version = undefined;
      // The first time at once; a fresh list whose watch is refused again must not spin.
      if (backoff.failures > 0) await pause(failure);
      else backoff.next();
      continue;
    }
    if (failure instanceof StatusError && ++refusals >= REFUSALS_BEFORE_RELIST) version = undefined;
    if (failure !== undefined || short) await pause(failure);
  }
}
