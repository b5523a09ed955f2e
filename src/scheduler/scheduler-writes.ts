import { setMaxListeners } from 'node:events';
import { isNotFound, keyOf } from '../apimachinery/index.ts';
import { type Binding, node as nodeKind, type Pod, pod as podKind } from '../kinds/index.ts';
import { errorText, rfc3339 } from '../std/index.ts';
import { overcommitCondition } from './overcommit.ts';
import { notScheduled } from './pod-state.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import type { NodeInfo } from './snapshot/node-info.ts';

const FIELD_MANAGER = 'drover-scheduler';
/** The same FailedScheduling text is told again only after this long. */
const REPEAT_EVENT_MS = 60_000;

const WARNING_WINDOW_MS = 60_000;
const WARNINGS_PER_WINDOW = 100;

/** Everything that the scheduler says to the API. Failures are told to onError; closing aborts and waits for what is under way. */
export class SchedulerWrites {
  readonly #options: SchedulerOptions;
  readonly #lastEvent = new Map<string, { readonly message: string; readonly atMs: number }>();
  /** Nodes whose condition is being written. */
  readonly #marking = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #warnings = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: SchedulerOptions) {
    this.#options = options;
    // Every request under way listens to it: many, and no leak.
    setMaxListeners(0, this.#abort.signal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Every promise ends here. */
  track(doing: string, work: Promise<void>): void {
    const done: Promise<void> = work
      .catch((error: unknown) => {
        if (this.signal.aborted) return;
        if (this.#options.onError) this.#options.onError(doing, error);
        else console.error(`scheduler: ${doing}: ${errorText(error)}`);
      })
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async bind(pod: Pod, nodeName: string): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    };
    const query = { fieldManager: FIELD_MANAGER, signal: this.signal };
    await this.#options.client.resource(podKind).createSubresource(name, namespace, 'binding', binding, query);
  }

  scheduled(pod: Pod, nodeName: string): void {
    this.#options.events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${nodeName}`, { action: 'Binding' });
  }

  /** Beyond the first of a minute the Node's condition has to say it alone: a flood of warnings would cost more than the pods. */
  overcommitted(pod: Pod, warning: string): void {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#warnings.sinceMs > WARNING_WINDOW_MS) this.#warnings = { sinceMs: nowMs, count: 0 };
    this.#warnings.count++;
    if (this.#warnings.count > WARNINGS_PER_WINDOW) return;
    this.#options.events.event(pod, 'Warning', 'Overcommitted', warning, { action: 'Binding' });
  }

  /** The event that kubectl describe shows; the same text not more often than once a minute. */
  failed(pod: Pod, message: string): void {
    const key = keyOf(pod);
    const nowMs = this.#options.clock.monotonic();
    const last = this.#lastEvent.get(key);
    if (last?.message === message && nowMs - last.atMs < REPEAT_EVENT_MS) return;
    this.#lastEvent.set(key, { message, atMs: nowMs });
    this.#options.events.event(pod, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' });
  }

  /** Forgets what was told of a pod. */
  forget(key: string): void {
    this.#lastEvent.delete(key);
  }

  /** PodScheduled=False with the reason, when the pod does not say so already. */
  notScheduled(pod: Pod, reason: string, message: string): void {
    const condition = notScheduled(pod, reason, message, rfc3339(this.#options.clock.now()));
    if (!condition) return;
    const { name = '', namespace } = pod.metadata;
    const write = this.#options.client.resource(podKind).patch(name, namespace, { status: { conditions: [condition] } }, this.#statusQuery());
    this.track(`say why ${keyOf(pod)} is not scheduled`, unlessGone(write));
  }

  /** The node's Overcommitted condition, when it is not what it should be. */
  markNode(node: NodeInfo): void {
    const condition = overcommitCondition(node, rfc3339(this.#options.clock.now()));
    if (!condition || this.#marking.has(node.name)) return;
    this.#marking.add(node.name);
    const write = this.#options.client.resource(nodeKind).patch(node.name, undefined, { status: { conditions: [condition] } }, this.#statusQuery());
    this.track(
      `mark node ${node.name}`,
      unlessGone(write).finally(() => this.#marking.delete(node.name)),
    );
  }

  #statusQuery() {
    return { type: 'strategic', subresource: 'status', fieldManager: FIELD_MANAGER, signal: this.signal } as const;
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error('the scheduler is closed'));
    await Promise.all(this.#work);
  }
}

/** What was deleted meanwhile needs no word any more. */
async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
