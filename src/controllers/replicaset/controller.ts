import { controllerOf, deepEqual, isNotFound, keyOf, labelSelectorMatcher, splitKey } from '../../apimachinery/index.ts';
import type { EventRecorder, Informer, ResourceClient, WorkQueue } from '../../client/index.ts';
import { type Pod, pod as podKind, type ReplicaSet, replicaSet as replicaSetKind } from '../../kinds/index.ts';
import { type Closable, errorText } from '../../std/index.ts';
import { inParallel, slowStart } from '../batches.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isNamespaceEnding } from '../failures.ts';
import { FreshView } from '../fresh-view.ts';
import { BY_CONTROLLER, CONTROLLER_INDEX, orphansOf } from '../indexes.ts';
import { adopted, released } from '../owners.ts';
import { isActive } from '../pods/pod-facts.ts';
import { onChange, runController } from '../run-controller.ts';
import { newPod } from './new-pod.ts';
import { type ReplicaSetPlan, reconcile } from './reconcile.ts';
import { type ReplicaFailure, statusOf } from './status.ts';

/** Also signs its events. */
const NAME = 'replicaset-controller';

class ReplicaSetController {
  readonly #context: ControllerContext;
  readonly #events: EventRecorder;
  readonly #sets: Informer<ReplicaSet>;
  readonly #podInformer: Informer<Pod>;
  readonly #podClient: ResourceClient<Pod>;
  readonly #setClient: ResourceClient<ReplicaSet>;
  /** There from the moment the informers have synced. */
  #pods!: FreshView<Pod>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#events = context.events(NAME);
    this.#sets = context.informers.informer(replicaSetKind, BY_CONTROLLER);
    this.#podInformer = context.informers.informer(podKind, BY_CONTROLLER);
    this.#podClient = context.client.resource(podKind);
    this.#setClient = context.client.resource(replicaSetKind);
  }

  start(): Closable {
    return runController(this.#context, {
      name: NAME,
      workers: 10,
      informers: [this.#sets, this.#podInformer],
      watch: (queue) => this.#watch(queue),
      reconcile: (key, queue) => this.#reconcile(key, queue),
    });
  }

  #watch(queue: WorkQueue): readonly Closable[] {
    const enqueue = (pod: Pod): void => {
      for (const key of this.#keysOf(pod)) queue.add(key);
    };
    this.#pods = new FreshView({
      informer: this.#podInformer,
      indexes: BY_CONTROLLER,
      resource: this.#podClient,
      clock: this.#context.clock,
      corrected: enqueue,
    });
    return [
      this.#pods,
      onChange(this.#sets, (set) => queue.add(keyOf(set))),
      onChange(this.#podInformer, (pod, old) => {
        if (old && controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueue(old);
        enqueue(pod);
      }),
    ];
  }

  /** The ReplicaSet that controls the pod, or those that would take it when nobody does. */
  #keysOf(pod: Pod): readonly string[] {
    const owner = controllerOf(pod);
    if (owner) return owner.kind === 'ReplicaSet' ? [`${pod.metadata.namespace}/${owner.name}`] : [];
    if (pod.metadata.deletionTimestamp !== undefined || pod.metadata.labels === undefined) return [];
    return this.#sets
      .list(pod.metadata.namespace)
      .filter((set) => labelSelectorMatcher(set.spec?.selector).matches(pod.metadata.labels))
      .map(keyOf);
  }

  async #reconcile(key: string, queue: WorkQueue): Promise<void> {
    const { name, namespace } = splitKey(key);
    const set = this.#sets.get(name, namespace);
    if (!set) return;
    const nowMs = this.#context.clock.now();
    const matcher = labelSelectorMatcher(set.spec?.selector);
    const seen = {
      replicaSet: set,
      owned: this.#pods.byIndex(CONTROLLER_INDEX, set.metadata.uid ?? ''),
      orphans: this.#pods.byIndex(CONTROLLER_INDEX, orphansOf(namespace ?? '')),
      matches: (labels: { readonly [key: string]: string }) => matcher.matches(labels),
      related: () => this.#related(set),
    };
    const plan = reconcile(seen, nowMs);
    await this.#claim(set, plan);
    const failure = await this.#manage(set, plan);
    // Read again: the status counts what was just created and no longer what was just deleted.
    const pods = this.#pods.byIndex(CONTROLLER_INDEX, set.metadata.uid ?? '');
    const { status, changesAtMs } = statusOf(set, pods, failure?.told, nowMs);
    if (!deepEqual(status, set.status)) await this.#setClient.updateStatus({ ...set, status });
    if (changesAtMs !== undefined) queue.addAfter(key, changesAtMs - nowMs);
    if (failure) throw failure.error;
  }

  /** Active pods of the ReplicaSets that the same Deployment controls. */
  #related(set: ReplicaSet): readonly Pod[] {
    const owner = controllerOf(set);
    const sets = owner ? this.#sets.byIndex(CONTROLLER_INDEX, owner.uid) : [set];
    return sets.flatMap((one) => this.#pods.byIndex(CONTROLLER_INDEX, one.metadata.uid ?? '')).filter(isActive);
  }

  async #claim(set: ReplicaSet, plan: ReplicaSetPlan): Promise<void> {
    for (const pod of plan.release) this.#pods.wrote(await this.#podClient.update(released(pod, set.metadata.uid ?? '')));
    if (plan.adopt.length === 0) return;
    // The cache may still show a ReplicaSet that is gone; what it adopted would be collected as garbage.
    const live = await this.#setClient.get(set.metadata.name ?? '', set.metadata.namespace);
    if (live.metadata.uid !== set.metadata.uid || live.metadata.deletionTimestamp !== undefined) return;
    for (const pod of plan.adopt) this.#pods.wrote(await this.#podClient.update(adopted(pod, set)));
  }

  async #manage(set: ReplicaSet, plan: ReplicaSetPlan): Promise<{ readonly told: ReplicaFailure; readonly error: unknown } | undefined> {
    const created = await slowStart(plan.create, () => this.#create(set));
    if (created.failure !== undefined && !isNamespaceEnding(created.failure))
      return { told: { reason: 'FailedCreate', message: errorText(created.failure) }, error: created.failure };
    const deleted = await inParallel(plan.delete.length, (index) => this.#delete(set, plan.delete[index]!));
    if (deleted.failure !== undefined) return { told: { reason: 'FailedDelete', message: errorText(deleted.failure) }, error: deleted.failure };
    return undefined;
  }

  async #create(set: ReplicaSet): Promise<void> {
    try {
      const pod = await this.#podClient.create(newPod(set));
      this.#pods.wrote(pod);
      this.#events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceEnding(error)) this.#events.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      throw error;
    }
  }

  async #delete(set: ReplicaSet, pod: Pod): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    try {
      const answer = await this.#podClient.delete(name, namespace, uid ? { preconditions: { uid } } : {});
      if (answer.kind === 'Pod' && answer.metadata.deletionTimestamp !== undefined) this.#pods.wrote(answer as Pod);
      else this.#pods.removed(pod);
      this.#events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) {
        this.#pods.removed(pod);
        return;
      }
      this.#events.event(set, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      throw error;
    }
  }
}

/** Keeps as many pods of a template as a ReplicaSet asks for. */
export const replicaSetController: Controller = { name: NAME, start: (context) => new ReplicaSetController(context).start() };
