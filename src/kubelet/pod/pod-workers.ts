import { setMaxListeners } from 'node:events';
import type { Pod } from '../../kinds/index.ts';
import type { ContainerRecord, RuntimeEvent, SandboxConfig } from '../../runtimes/index.ts';
import type { Closable } from '../../std/index.ts';
import { stopOrphan } from './orphan.ts';
import { PodWorker } from './pod-worker.ts';
import { sweepPodDirectories } from './sweep.ts';
import type { WorkerParts } from './worker-parts.ts';

const RELIST_RETRY_MS = 1_000;

/** What runs on this machine when this process begins. */
export interface Adopted {
  readonly sandboxes: readonly SandboxConfig[];
  readonly containers: readonly ContainerRecord[];
}

/** One worker per pod of this node, and the post office between them, the API and the runtime. */
export class PodWorkers implements Closable {
  readonly #parts: WorkerParts;
  readonly #workers = new Map<string, PodWorker>();
  readonly #byName = new Map<string, string>();
  readonly #sandboxes = new Map<string, SandboxConfig>();
  readonly #records = new Map<string, ContainerRecord[]>();
  readonly #closing = new AbortController();
  #relisting = false;

  constructor(parts: WorkerParts, adopted: Adopted) {
    this.#parts = parts;
    // Every orphan that is being stopped listens.
    setMaxListeners(0, this.#closing.signal);
    for (const sandbox of adopted.sandboxes) this.#sandboxes.set(sandbox.id, sandbox);
    for (const record of adopted.containers) {
      const list = this.#records.get(record.sandboxId);
      if (list) list.push(record);
      else this.#records.set(record.sandboxId, [record]);
    }
  }

  get all(): Iterable<PodWorker> {
    return this.#workers.values();
  }

  find(namespace: string, name: string): PodWorker | undefined {
    const uid = this.#byName.get(`${namespace}/${name}`);
    return uid === undefined ? undefined : this.#workers.get(uid);
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** A pod of this node appeared or changed. */
  update(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    let worker = this.#workers.get(uid);
    if (!worker) {
      worker = new PodWorker(pod, this.#parts, { records: this.#records.get(uid) ?? [], network: this.#sandboxes.get(uid)?.network });
      this.#sandboxes.delete(uid);
      this.#records.delete(uid);
      this.#workers.set(uid, worker);
      this.#byName.set(`${pod.metadata.namespace}/${pod.metadata.name}`, uid);
    }
    worker.update(pod);
  }

  /** The API has it no more; the worker stays until nothing of the pod is left on this machine. */
  remove(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (!worker) return;
    worker.forgotten(pod);
    void worker.gone.then(() => this.#drop(worker));
  }

  /**
   * Pods that run here and that the API does not know: stopped as their deletion would have stopped them. A pod that the API knows under another
   * node's name (this machine was renamed) is no orphan: it is left alone and reported.
   */
  stopOrphans(inApi: ReadonlySet<string>): void {
    const orphans = new Set(this.#sandboxes.keys());
    sweepPodDirectories(this.#parts.home.pods, (uid) => this.#workers.has(uid) || orphans.has(uid)).catch((error: unknown) =>
      this.#parts.onError(error, 'removing directories of former pods'),
    );
    for (const [uid, sandbox] of this.#sandboxes) {
      if (inApi.has(uid)) continue;
      this.#sandboxes.delete(uid);
      const records = this.#records.get(uid) ?? [];
      this.#records.delete(uid);
      stopOrphan(sandbox, records, this.#parts, this.#closing.signal).catch((error: unknown) =>
        this.#parts.onError(error, `removing what is left of pod ${uid}`),
      );
    }
  }

  /** How many pods run here without the API knowing them. */
  get unknownPods(): number {
    return this.#sandboxes.size;
  }

  onRuntimeEvent(event: RuntimeEvent): void {
    if (event.type === 'exited') this.#workers.get(event.container.sandboxId)?.record(event.container);
    else if (event.type === 'relist') void this.#relist();
  }

  /** Pods whose start waits for something that may be there now. */
  retryNow(reasons: readonly string[]): void {
    for (const worker of this.#workers.values()) worker.retryNow(reasons);
  }

  close(): void {
    this.#closing.abort();
    for (const worker of this.#workers.values()) worker.close();
  }

  #drop(worker: PodWorker): void {
    if (this.#closing.signal.aborted) return;
    this.#workers.delete(worker.uid);
    const key = `${worker.pod.metadata.namespace}/${worker.pod.metadata.name}`;
    if (this.#byName.get(key) === worker.uid) this.#byName.delete(key);
  }

  /** Events may have been missed: what the runtime says now is the truth. A list that fails says nothing at all and is tried again. */
  async #relist(): Promise<void> {
    if (this.#relisting) return;
    this.#relisting = true;
    while (!this.#closing.signal.aborted) {
      try {
        // Runs that are begun while the list is made may be missing in it.
        const before = new Set<string>();
        for (const worker of this.#workers.values()) for (const { latest } of worker.tracks) if (latest?.state === 'running') before.add(latest.id);
        const { containers } = await this.#parts.runtime.list();
        const ids = new Set(containers.map((one) => one.id));
        for (const record of containers) this.#workers.get(record.sandboxId)?.record(record);
        const missing = [...before].filter((id) => !ids.has(id));
        for (const id of missing) this.#workers.get(id.split('/', 1)[0] ?? '')?.lost(id, this.#parts.clock.now());
        break;
      } catch (error) {
        this.#parts.onError(error, 'listing what runs');
        await this.#parts.clock.sleep(RELIST_RETRY_MS, this.#closing.signal).catch(() => undefined);
      }
    }
    this.#relisting = false;
  }
}
