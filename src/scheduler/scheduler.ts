import { isConflict, isNotFound, keyOf, objectKey } from '../apimachinery/index.ts';
import type { ApiClient, EventRecorder, InformerFactory } from '../client/index.ts';
import { type Binding, type Node, namespace as namespaceKind, node as nodeKind, type Pod, pod as podKind } from '../kinds/index.ts';
import { type Clock, type Closable, Closer, rfc3339, type Timer } from '../std/index.ts';
import { overcommitCondition, overcommitWarning } from './overcommit.ts';
import type { OvercommitPolicy } from './plugins/plugin.ts';
import { mayFitNow, notScheduled, podStateOf } from './pod-state.ts';
import { schedule } from './schedule.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import { ClusterSnapshot } from './snapshot/cluster-snapshot.ts';
import { podInfo } from './snapshot/pod-info.ts';

export interface SchedulerOptions {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** Default 'warn'; a Node's drover.dev/overcommit annotation takes its place there. */
  readonly overcommit?: OvercommitPolicy;
  /** Pods of other schedulers are left alone. Default default-scheduler. */
  readonly schedulerName?: string;
  /** Told of writes that failed (they are tried again). Default: a line on stderr. */
  readonly onError?: (doing: string, error: unknown) => void;
}

const FIELD_MANAGER = 'drover-scheduler';
/** Bindings on their way at once; enough to keep the server's group commits full. */
const MAX_BINDINGS = 64;
/** Decisions before the event loop gets a turn. */
const DECISIONS_PER_TURN = 100;
/** The same FailedScheduling text is told again only after this long. */
const REPEAT_EVENT_MS = 60_000;

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #name: string;
  readonly #overcommit: OvercommitPolicy;
  readonly #snapshot = new ClusterSnapshot();
  readonly #queue: SchedulingQueue;
  readonly #waiting = new Map<string, Pod>();
  /** Decided, and the binding not yet seen in the cache. */
  readonly #assumed = new Set<string>();
  readonly #lastEvent = new Map<string, { readonly message: string; readonly atMs: number }>();
  /** Nodes whose condition is being written. */
  readonly #marking = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #bindings = 0;
  #isReady = false;
  #pendingTurn: Timer | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#name = options.schedulerName ?? 'default-scheduler';
    this.#overcommit = options.overcommit ?? 'warn';
    this.#queue = new SchedulingQueue(options.clock, () => this.#wake());
  }

  start(): Closable {
    const { informers } = this.#options;
    const closer = new Closer();
    closer.add({ close: () => this.#stop() });
    const [pods, nodes, namespaces] = [informers.informer(podKind), informers.informer(nodeKind), informers.informer(namespaceKind)];
    closer.add(
      namespaces.subscribe({
        added: (one) => this.#snapshot.setNamespace(one),
        updated: (one, old) => {
          this.#snapshot.setNamespace(one);
          if (JSON.stringify(one.metadata.labels) !== JSON.stringify(old.metadata.labels)) this.#queue.clusterChanged();
        },
        deleted: (one) => this.#snapshot.removeNamespace(one.metadata.name ?? ''),
      }),
    );
    closer.add(
      nodes.subscribe({
        added: (one) => this.#nodeChanged(one),
        updated: (one) => this.#nodeChanged(one),
        deleted: (one) => this.#snapshot.removeNode(one.metadata.name ?? ''),
      }),
    );
    closer.add(
      pods.subscribe({
        added: (one) => this.#podChanged(one, undefined),
        updated: (one, old) => this.#podChanged(one, old),
        deleted: (one) => this.#podGone(one),
      }),
    );
    const synced = Promise.all([pods, nodes, namespaces].map((informer) => informer.synced(this.#abort.signal)));
    this.#track(
      'wait for the first lists',
      synced.then(() => {
        // Deciding before all pods are known would give away room that is taken.
        this.#isReady = true;
        this.#wake();
      }),
    );
    return closer;
  }

  #nodeChanged(node: Node): void {
    this.#snapshot.setNode(node);
    this.#queue.clusterChanged();
    this.#tellOvercommit(node.metadata.name ?? '');
  }

  #podChanged(pod: Pod, old: Pod | undefined): void {
    const key = keyOf(pod);
    switch (podStateOf(pod, this.#name)) {
      case 'placed':
        this.#assumed.delete(key);
        this.#stopWaiting(key);
        this.#placed(pod, old);
        return;
      case 'waiting':
        if (this.#assumed.has(key)) return;
        this.#waiting.set(key, pod);
        this.#queue.add(key, pod.spec?.priority ?? 0);
        if (old && mayFitNow(pod, old)) this.#queue.retry(key);
        return;
      case 'gated':
        this.#stopWaiting(key);
        this.#tellNotScheduled(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
        return;
      case 'other':
        this.#podGone(pod);
    }
  }

  #placed(pod: Pod, old: Pod | undefined): void {
    // Only what scheduling looks at: most updates of running pods are of their status.
    const isSame = old?.spec === pod.spec && old?.metadata.labels === pod.metadata.labels;
    const isTold = old?.spec?.nodeName !== undefined && old.metadata.deletionTimestamp === pod.metadata.deletionTimestamp;
    if (isSame && isTold && this.#snapshot.has(keyOf(pod))) return;
    this.#snapshot.place(podInfo(pod), pod.spec?.nodeName ?? '');
    if (!isTold && this.#queue.parked > 0) this.#queue.clusterChanged();
  }

  #podGone(pod: Pod): void {
    const key = keyOf(pod);
    this.#assumed.delete(key);
    this.#stopWaiting(key);
    if (!this.#snapshot.remove(key)) return;
    this.#queue.clusterChanged();
    if (pod.spec?.nodeName) this.#tellOvercommit(pod.spec.nodeName);
  }

  #stopWaiting(key: string): void {
    this.#waiting.delete(key);
    this.#lastEvent.delete(key);
    this.#queue.forget(key);
  }

  /** Decides soon: informers' handlers must return at once, and what comes together is decided together. */
  #wake(): void {
    if (this.#pendingTurn || !this.#isReady || this.#abort.signal.aborted) return;
    this.#pendingTurn = this.#options.clock.after(0, () => {
      this.#pendingTurn = undefined;
      this.#turn();
    });
  }

  #turn(): void {
    for (let decided = 0; decided < DECISIONS_PER_TURN; decided++) {
      if (this.#bindings >= MAX_BINDINGS) return;
      const key = this.#queue.next();
      if (key === undefined) return;
      const pod = this.#waiting.get(key);
      if (pod) this.#decide(key, pod);
      else this.#queue.forget(key);
    }
    this.#wake();
  }

  #decide(key: string, pod: Pod): void {
    const info = podInfo(pod);
    const decision = schedule(info, this.#snapshot, this.#overcommit);
    if (decision.type === 'unschedulable') {
      this.#queue.failed(key, false);
      this.#tellNotScheduled(pod, 'Unschedulable', decision.message);
      this.#tellEvent(key, pod, decision.message);
      return;
    }
    const { node } = decision;
    this.#assumed.add(key);
    this.#snapshot.place(info, node.name);
    const warning = overcommitWarning(node, info.requests['cpu'] ?? 0);
    this.#bindings++;
    this.#track(
      `bind ${key} to ${node.name}`,
      this.#bind(key, pod, node.name, warning).finally(() => {
        this.#bindings--;
        this.#wake();
      }),
    );
  }

  async #bind(key: string, pod: Pod, nodeName: string, warning: string | undefined): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    };
    try {
      await this.#options.client
        .resource(podKind)
        .createSubresource(name, namespace, 'binding', binding, { fieldManager: FIELD_MANAGER, signal: this.#abort.signal });
    } catch (error) {
      this.#unassume(key, pod);
      // Gone, or somebody else placed it: the cache will tell.
      if (this.#abort.signal.aborted || isNotFound(error) || isConflict(error)) return;
      this.#tellEvent(key, pod, `binding rejected: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
    this.#stopWaiting(key);
    this.#options.events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${objectKey(namespace, name)} to ${nodeName}`, { action: 'Binding' });
    if (warning === undefined) return;
    this.#options.events.event(pod, 'Warning', 'Overcommitted', warning, { action: 'Binding' });
    this.#tellOvercommit(nodeName);
  }

  /** The binding failed: the room is free again, and the pod waits for its backoff. */
  #unassume(key: string, pod: Pod): void {
    if (!this.#assumed.delete(key)) return;
    this.#snapshot.remove(key);
    if (!this.#waiting.has(key)) return;
    this.#waiting.set(key, this.#options.informers.informer(podKind).get(pod.metadata.name ?? '', pod.metadata.namespace) ?? pod);
    this.#queue.failed(key, true);
  }

  #tellEvent(key: string, pod: Pod, message: string): void {
    const nowMs = this.#options.clock.monotonic();
    const last = this.#lastEvent.get(key);
    if (last?.message === message && nowMs - last.atMs < REPEAT_EVENT_MS) return;
    this.#lastEvent.set(key, { message, atMs: nowMs });
    this.#options.events.event(pod, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' });
  }

  #tellNotScheduled(pod: Pod, reason: string, message: string): void {
    const condition = notScheduled(pod, reason, message, rfc3339(this.#options.clock.now()));
    if (!condition) return;
    this.#track(`say why ${keyOf(pod)} is not scheduled`, this.#patchStatus(podKind, pod.metadata.name ?? '', pod.metadata.namespace, condition));
  }

  #tellOvercommit(name: string): void {
    const node = this.#snapshot.node(name);
    const condition = node && this.#isReady ? overcommitCondition(node, rfc3339(this.#options.clock.now())) : undefined;
    if (!condition || this.#marking.has(name)) return;
    this.#marking.add(name);
    this.#track(
      `mark node ${name}`,
      this.#patchStatus(nodeKind, name, undefined, condition).finally(() => this.#marking.delete(name)),
    );
  }

  async #patchStatus(kind: typeof podKind | typeof nodeKind, name: string, namespace: string | undefined, condition: object): Promise<void> {
    const query = { type: 'strategic', subresource: 'status', fieldManager: FIELD_MANAGER, signal: this.#abort.signal } as const;
    const { client } = this.#options;
    const patch = { status: { conditions: [condition] } };
    try {
      await (kind === podKind ? client.resource(podKind).patch(name, namespace, patch, query) : client.resource(nodeKind).patch(name, namespace, patch, query));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Every promise ends here: failures are told, and closing waits for what is under way. */
  #track(doing: string, work: Promise<void>): void {
    const done: Promise<void> = work
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return;
        if (this.#options.onError) this.#options.onError(doing, error);
        else console.error(`scheduler: ${doing}: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #stop(): Promise<void> {
    this.#abort.abort(new Error('the scheduler is closed'));
    this.#pendingTurn?.close();
    this.#queue.close();
    await Promise.all(this.#work);
  }
}

/** Starts giving nodes to pods. Closing stops it and waits for writes under way; a new one picks up from what the API says. */
export const startScheduler = (options: SchedulerOptions): Closable => new Scheduler(options).start();
