import { isConflict, isNotFound, keyOf } from '../apimachinery/index.ts';
import { type Node, namespace as namespaceKind, node as nodeKind, type Pod, pod as podKind } from '../kinds/index.ts';
import { type Closable, Closer, errorText, type Timer } from '../std/index.ts';
import { overcommitWarning } from './overcommit.ts';
import type { OvercommitPolicy } from './plugins/plugin.ts';
import { mayFitNow, podStateOf } from './pod-state.ts';
import { schedule } from './schedule.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { SchedulerWrites } from './scheduler-writes.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import { ClusterSnapshot } from './snapshot/cluster-snapshot.ts';
import { podInfo } from './snapshot/pod-info.ts';

/** Bindings on their way at once; enough to keep the server's group commits full. */
const MAX_BINDINGS = 64;
/** Decisions before the event loop gets a turn. */
const DECISIONS_PER_TURN = 100;

/** What of a node decides about pods; heartbeats change none of it. */
const standing = ({ metadata, spec, status }: Node): string =>
  JSON.stringify([metadata.labels, metadata.annotations, spec, status?.allocatable, status?.capacity]);

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #name: string;
  readonly #overcommit: OvercommitPolicy;
  readonly #snapshot = new ClusterSnapshot();
  readonly #queue: SchedulingQueue;
  readonly #waiting = new Map<string, Pod>();
  /** Uids by key: decided, and the binding not yet seen in the cache. */
  readonly #assumed = new Map<string, string | undefined>();
  readonly #writes: SchedulerWrites;
  #bindings = 0;
  #isReady = false;
  #pendingTurn: Timer | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#name = options.schedulerName ?? 'default-scheduler';
    this.#overcommit = options.overcommit ?? 'warn';
    this.#writes = new SchedulerWrites(options);
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
        updated: (one, old) => this.#nodeChanged(one, old),
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
    const synced = Promise.all([pods, nodes, namespaces].map((informer) => informer.synced(this.#writes.signal)));
    this.#writes.track(
      'wait for the first lists',
      synced.then(() => {
        // Deciding before all pods are known would give away room that is taken.
        this.#isReady = true;
        this.#wake();
      }),
    );
    return closer;
  }

  #nodeChanged(node: Node, old?: Node): void {
    this.#snapshot.setNode(node);
    if (old === undefined || standing(node) !== standing(old)) this.#queue.clusterChanged();
    this.#markNode(node.metadata.name ?? '');
  }

  #markNode(name: string): void {
    const node = this.#snapshot.node(name);
    if (node && this.#isReady) this.#writes.markNode(node);
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
        this.#writes.notScheduled(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
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
    if (pod.spec?.nodeName) this.#markNode(pod.spec.nodeName);
  }

  #stopWaiting(key: string): void {
    this.#waiting.delete(key);
    this.#writes.forget(key);
    this.#queue.forget(key);
  }

  /** Decides soon: informers' handlers must return at once, and what comes together is decided together. */
  #wake(): void {
    if (this.#pendingTurn || !this.#isReady || this.#writes.signal.aborted) return;
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
      this.#writes.notScheduled(pod, 'Unschedulable', decision.message);
      this.#writes.failed(pod, decision.message);
      return;
    }
    const { node } = decision;
    this.#assumed.set(key, pod.metadata.uid);
    this.#snapshot.place(info, node.name);
    const warning = overcommitWarning(node, info.requests['cpu'] ?? 0);
    this.#bindings++;
    this.#writes.track(
      `bind ${key} to ${node.name}`,
      this.#bind(key, pod, node.name, warning).finally(() => {
        this.#bindings--;
        this.#wake();
      }),
    );
  }

  async #bind(key: string, pod: Pod, nodeName: string, warning: string | undefined): Promise<void> {
    try {
      await this.#writes.bind(pod, nodeName);
    } catch (error) {
      this.#unassume(key, pod);
      // Gone, or somebody else placed it: the cache will tell.
      if (this.#writes.signal.aborted || isNotFound(error) || isConflict(error)) return;
      this.#writes.failed(pod, `binding rejected: ${errorText(error)}`);
      throw error;
    }
    // A pod of the same name may have come in its place meanwhile.
    if (this.#waiting.get(key)?.metadata.uid === pod.metadata.uid) this.#stopWaiting(key);
    this.#writes.scheduled(pod, nodeName);
    if (warning === undefined) return;
    this.#writes.overcommitted(pod, warning);
    this.#markNode(nodeName);
  }

  /** The binding failed: the room is free again, and the pod waits for its backoff. */
  #unassume(key: string, pod: Pod): void {
    if (!this.#assumed.has(key) || this.#assumed.get(key) !== pod.metadata.uid) return;
    this.#assumed.delete(key);
    this.#snapshot.remove(key);
    if (!this.#waiting.has(key)) return;
    const { name = '', namespace } = pod.metadata;
    this.#waiting.set(key, this.#options.informers.informer(podKind).get(name, namespace) ?? pod);
    this.#queue.failed(key, true);
  }

  async #stop(): Promise<void> {
    this.#pendingTurn?.close();
    this.#queue.close();
    await this.#writes.close();
  }
}

/** Starts giving nodes to pods. Closing stops it and waits for writes under way; a new one picks up from what the API says. */
export const startScheduler = (options: SchedulerOptions): Closable => new Scheduler(options).start();
