import { controllerOf, deepEqual, isBeingDeleted, keyOf, labelSelectorMatcher, splitKey } from '../../apimachinery/index.ts';
import type { Informer, ResourceClient, WorkQueue } from '../../client/index.ts';
import { type Deployment, deployment as deploymentKind, type Pod, pod as podKind, type ReplicaSet, replicaSet as replicaSetKind } from '../../kinds/index.ts';
import type { Closable } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isNamespaceEnding } from '../failures.ts';
import { FreshView } from '../fresh-view.ts';
import { BY_CONTROLLER, CONTROLLER_INDEX, orphansOf } from '../indexes.ts';
import { adopted, released } from '../owners.ts';
import { onChange, runController } from '../run-controller.ts';
import { claims } from './claims.ts';
import { isRolling } from './fenceposts.ts';
import { reconcile } from './reconcile.ts';
import { DeploymentWriter } from './writer.ts';

/** Also signs its events. */
const NAME = 'deployment-controller';

class DeploymentController {
  readonly #context: ControllerContext;
  readonly #deploymentInformer: Informer<Deployment>;
  readonly #setInformer: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #deploymentClient: ResourceClient<Deployment>;
  readonly #setClient: ResourceClient<ReplicaSet>;
  /** They are there from the moment the informers have synced. */
  #deployments!: FreshView<Deployment>;
  #sets!: FreshView<ReplicaSet>;
  #writer!: DeploymentWriter;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#deploymentInformer = context.informers.informer(deploymentKind);
    this.#setInformer = context.informers.informer(replicaSetKind, BY_CONTROLLER);
    this.#pods = context.informers.informer(podKind, BY_CONTROLLER);
    this.#deploymentClient = context.client.resource(deploymentKind);
    this.#setClient = context.client.resource(replicaSetKind);
  }

  start(): Closable {
    return runController(this.#context, {
      name: NAME,
      workers: 10,
      informers: [this.#deploymentInformer, this.#setInformer, this.#pods],
      watch: (queue) => this.#watch(queue),
      reconcile: (key, queue) => this.#reconcile(key, queue),
    });
  }

  #watch(queue: WorkQueue): readonly Closable[] {
    const { clock } = this.#context;
    const add = (deployment: Deployment): void => queue.add(keyOf(deployment));
    const addOwner = (set: ReplicaSet): void => {
      for (const key of this.#keysOf(set)) queue.add(key);
    };
    this.#deployments = new FreshView({
      informer: this.#deploymentInformer,
      indexes: {},
      resource: this.#deploymentClient,
      clock,
      corrected: add,
    });
    this.#sets = new FreshView({ informer: this.#setInformer, indexes: BY_CONTROLLER, resource: this.#setClient, clock, corrected: addOwner });
    this.#writer = new DeploymentWriter({
      deployments: this.#deployments,
      sets: this.#sets,
      deploymentClient: this.#deploymentClient,
      setClient: this.#setClient,
      events: this.#context.events(NAME),
      clock,
    });
    return [
      this.#deployments,
      this.#sets,
      onChange(this.#deploymentInformer, add),
      onChange(this.#setInformer, (set, old) => {
        if (old && controllerOf(old)?.uid !== controllerOf(set)?.uid) addOwner(old);
        addOwner(set);
      }),
      // Recreate waits for the last old pod to be gone, which no ReplicaSet's status tells.
      this.#pods.subscribe({ deleted: (pod) => this.#podGone(pod, queue) }),
    ];
  }

  #keysOf(set: ReplicaSet): readonly string[] {
    const owner = controllerOf(set);
    if (owner) return owner.kind === 'Deployment' ? [`${set.metadata.namespace}/${owner.name}`] : [];
    if (isBeingDeleted(set) || set.metadata.labels === undefined) return [];
    return this.#deploymentInformer
      .list(set.metadata.namespace)
      .filter((deployment) => labelSelectorMatcher(deployment.spec?.selector).matches(set.metadata.labels))
      .map(keyOf);
  }

  #podGone(pod: Pod, queue: WorkQueue): void {
    const setName = controllerOf(pod)?.name;
    const set = setName ? this.#setInformer.get(setName, pod.metadata.namespace) : undefined;
    const owner = set ? controllerOf(set) : undefined;
    const deployment = owner ? this.#deploymentInformer.get(owner.name, pod.metadata.namespace) : undefined;
    if (deployment && !isRolling(deployment)) queue.add(keyOf(deployment));
  }

  async #reconcile(key: string, queue: WorkQueue): Promise<void> {
    const { name, namespace } = splitKey(key);
    const deployment = this.#deployments.get(name, namespace);
    if (!deployment) return;
    const nowMs = this.#context.clock.now();
    const replicaSets = await this.#claim(deployment);
    const plan = reconcile({ deployment, replicaSets, podsOf: (uid) => this.#pods.byIndex(CONTROLLER_INDEX, uid) }, nowMs);
    let latest = deployment;
    for (const write of plan.writes) {
      try {
        latest = await this.#writer.write(latest, write);
      } catch (error) {
        if (isNamespaceEnding(error)) return;
        if (write.type !== 'create') throw error;
        await this.#writer.createFailed(latest, write.replicaSet, plan.status, error);
        return;
      }
    }
    if (!deepEqual(plan.status, deployment.status)) {
      latest = await this.#deploymentClient.updateStatus({ ...latest, status: plan.status });
      this.#deployments.wrote(latest);
    }
    if (plan.changesAtMs !== undefined) queue.addAfter(key, Math.max(0, plan.changesAtMs - this.#context.clock.now()) + 1000);
    // The next step builds on these writes, and the informer may have shown them already.
    if (plan.writes.length > 0) queue.add(key);
  }

  /** Takes ReplicaSets that match and nobody controls, and lets go of those that no longer match. */
  async #claim(deployment: Deployment): Promise<readonly ReplicaSet[]> {
    const { uid = '', namespace = '', name = '' } = deployment.metadata;
    const matcher = labelSelectorMatcher(deployment.spec?.selector);
    const owned = this.#sets.byIndex(CONTROLLER_INDEX, uid);
    const { kept, adopt, release } = claims(deployment, owned, this.#sets.byIndex(CONTROLLER_INDEX, orphansOf(namespace)), (labels) => matcher.matches(labels));
    for (const set of release) this.#sets.wrote(await this.#setClient.update(released(set, uid)));
    if (adopt.length === 0) return kept;
    // The cache may still show a Deployment that is gone; what it adopted would be collected as garbage.
    const live = await this.#deploymentClient.get(name, namespace);
    if (live.metadata.uid !== uid || isBeingDeleted(live)) return kept;
    const taken: ReplicaSet[] = [];
    for (const set of adopt) {
      const mine = await this.#setClient.update(adopted(set, deployment));
      this.#sets.wrote(mine);
      taken.push(mine);
    }
    return [...kept, ...taken];
  }
}

/** Moves the pods of a Deployment from template to template. */
export const deploymentController: Controller = { name: NAME, start: (context) => new DeploymentController(context).start() };
