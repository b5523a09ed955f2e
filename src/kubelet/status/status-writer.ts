import { deepEqual, isConflict, isNotFound } from '../../apimachinery/index.ts';
import type { ResourceClient } from '../../client/index.ts';
import type { Pod, PodStatus } from '../../kinds/index.ts';
import type { Clock, Closable, Timer } from '../../std/index.ts';

/** A pod whose status can be asked for at any time. */
export interface StatusSource {
  readonly uid: string;
  /** The newest pod known from the API. */
  readonly pod: Pod;
  /** The status as of now, on top of `base`; undefined when nothing is to be written any more. */
  status(base: Pod): PodStatus | undefined;
}

const PARALLEL_WRITES = 64;
const MAX_RETRY_MS = 10_000;

/**
 * Writes pod statuses. A pod is only noted; its status is computed when its turn comes, so whatever happened in between is one write, an older
 * status can never follow a newer one, and a status equal to the API's is not written. One write at a time per pod; failures are tried again
 * for as long as the pod is there: an API that does not answer costs nothing but the write.
 */
export class StatusWriter implements Closable {
  readonly #client: ResourceClient<Pod>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown, about: string) => void;
  readonly #dirty = new Map<string, StatusSource>();
  readonly #writing = new Map<string, Promise<void>>();
  /** What we wrote last, until the informer shows it: by uid. */
  readonly #written = new Map<string, Pod>();
  /** Pods whose next try waits. */
  readonly #failures = new Map<string, Timer>();
  /** Failures in a row. */
  readonly #retries = new Map<string, number>();
  #scheduled = false;
  #closed = false;

  constructor(options: { readonly client: ResourceClient<Pod>; readonly clock: Clock; readonly onError: (error: unknown, about: string) => void }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#onError = options.onError;
  }

  /** Notes that the pod's status may have changed. */
  note(source: StatusSource): void {
    if (this.#closed) return;
    this.#dirty.set(source.uid, source);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.after(0, () => this.#pump());
  }

  /** Resolves once the pod's status of this moment (or a later one) has been written or the pod is gone from the API. */
  async flush(source: StatusSource, signal: AbortSignal): Promise<void> {
    this.note(source);
    while (!signal.aborted && !this.#closed && (this.#dirty.has(source.uid) || this.#writing.has(source.uid))) {
      this.#pump();
      await (this.#writing.get(source.uid) ?? this.#clock.sleep(20, signal));
    }
  }

  /** Nothing more is to be written for this pod. */
  forget(uid: string): void {
    this.#dirty.delete(uid);
    this.#written.delete(uid);
    this.#failures.get(uid)?.close();
    this.#retries.delete(uid);
    this.#failures.delete(uid);
  }

  close(): void {
    this.#closed = true;
    this.#dirty.clear();
    for (const timer of this.#failures.values()) timer.close();
  }

  #pump(): void {
    this.#scheduled = false;
    for (const [uid, source] of this.#dirty) {
      if (this.#writing.size >= PARALLEL_WRITES || this.#closed) return;
      if (this.#writing.has(uid) || this.#failures.has(uid)) continue;
      this.#dirty.delete(uid);
      const writing = this.#write(source).then(
        () => this.#settled(uid, source, undefined),
        (error: unknown) => this.#settled(uid, source, error),
      );
      this.#writing.set(uid, writing);
    }
  }

  #settled(uid: string, source: StatusSource, error: unknown): void {
    this.#writing.delete(uid);
    if (error !== undefined && !this.#closed) this.#retry(uid, source, error);
    if (this.#dirty.size > 0 && !this.#scheduled) this.#pump();
  }

  #retry(uid: string, source: StatusSource, error: unknown): void {
    const count = (this.#retries.get(uid) ?? 0) + 1;
    this.#retries.set(uid, count);
    if (count === 1) this.#onError(error, `writing the status of pod ${source.pod.metadata.namespace}/${source.pod.metadata.name}`);
    this.#dirty.set(uid, source);
    const timer = this.#clock.after(Math.min(100 * 2 ** (count - 1), MAX_RETRY_MS), () => {
      this.#failures.delete(uid);
      this.#pump();
    });
    this.#failures.set(uid, timer);
  }

  async #write(source: StatusSource): Promise<void> {
    let base = newer(source.pod, this.#written.get(source.uid));
    for (;;) {
      const status = source.status(base);
      if (status === undefined || deepEqual(status, base.status)) return void this.#retries.delete(source.uid);
      try {
        this.#written.set(source.uid, await this.#client.updateStatus({ ...base, status }));
        return void this.#retries.delete(source.uid);
      } catch (error) {
        if (isNotFound(error)) return void this.#written.delete(source.uid);
        if (!isConflict(error)) throw error;
        const fresh = await this.#client.get(base.metadata.name ?? '', base.metadata.namespace).catch(orGone);
        if (fresh === undefined || fresh.metadata.uid !== source.uid) return;
        base = fresh;
      }
    }
  }
}

function orGone(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}

/** The one with the higher resourceVersion; both are of the same server, so versions are numbers that grow. */
function newer(seen: Pod, written: Pod | undefined): Pod {
  if (!written) return seen;
  return BigInt(written.metadata.resourceVersion ?? '0') > BigInt(seen.metadata.resourceVersion ?? '0') ? written : seen;
}
