import { deepEqual, isNotFound, type KubeObject, type OwnerReference, splitKey } from '../../apimachinery/index.ts';
import type { EventRecorder, WorkQueue } from '../../client/index.ts';
import type { Closable } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { runController } from '../run-controller.ts';
import { type Located, ObjectGraph, type WatchedKind } from './object-graph.ts';
import { decide, FOREGROUND, type GarbageAction, isForeground, isOrphaning, leadsBack, ORPHAN, type OwnerState } from './reconcile.ts';

/** Also signs its events. */
const NAME = 'garbage-collector-controller';

class GarbageCollector {
  readonly #context: ControllerContext;
  readonly #events: EventRecorder;
  readonly #graph: ObjectGraph;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#events = context.events(NAME);
    this.#graph = new ObjectGraph(context.informers, context.kinds);
  }

  start(): Closable {
    return runController(this.#context, {
      name: NAME,
      workers: 20,
      informers: this.#graph.kinds.map((watched) => watched.informer),
      watch: (queue) => this.#graph.kinds.map((watched) => this.#watch(watched, queue)),
      reconcile: (key, queue) => this.#reconcile(key, queue),
    });
  }

  #watch(watched: WatchedKind, queue: WorkQueue): Closable {
    const add = ({ watched: kind, object }: Located): void => queue.add(this.#graph.key(kind, object));
    const addWaitingOwners = (object: KubeObject): void => {
      for (const owner of object.metadata.ownerReferences ?? []) {
        const found = this.#graph.cachedOwner(owner, object.metadata.namespace);
        if (found && isForeground(found.object)) add(found);
      }
    };
    const addDependents = (object: KubeObject): void => this.#graph.dependents(object.metadata.uid ?? '').forEach(add);
    return watched.informer.subscribe({
      added: (object) => {
        if (object.metadata.ownerReferences || isForeground(object) || isOrphaning(object)) add({ watched, object });
        if (isForeground(object)) addDependents(object);
      },
      updated: (object, old) => {
        const ownersChanged = !deepEqual(object.metadata.ownerReferences, old.metadata.ownerReferences);
        const begins = isForeground(object) && !isForeground(old);
        if (ownersChanged || begins || isOrphaning(object)) add({ watched, object });
        if (begins) addDependents(object);
        if (ownersChanged) addWaitingOwners(old);
      },
      deleted: (object) => {
        addDependents(object);
        addWaitingOwners(object);
      },
    });
  }

  async #reconcile(key: string, queue: WorkQueue): Promise<void> {
    const found = this.#graph.parse(key);
    if (!found) return;
    const { watched } = found;
    const { name, namespace } = splitKey(found.objectKey);
    const cached = watched.informer.get(name, namespace);
    if (!cached) return;
    const first = await this.#decide(cached);
    if (first.type === 'none') return;
    if (first.type === 'wait') {
      for (const dependent of this.#graph.dependents(cached.metadata.uid ?? ''))
        if (first.dependents.includes(dependent.object)) queue.add(this.#graph.key(dependent.watched, dependent.object));
      return;
    }
    // Nothing is written on the word of a cache: the object as it is now decides.
    const live = await this.#get(watched, name, namespace);
    if (!live || live.metadata.uid !== cached.metadata.uid) return;
    const action = live.metadata.resourceVersion === cached.metadata.resourceVersion ? first : await this.#decide(live);
    await this.#act({ watched, object: live }, action);
  }

  async #decide(object: KubeObject): Promise<GarbageAction> {
    const states = new Map<string, OwnerState>();
    for (const owner of object.metadata.ownerReferences ?? []) states.set(owner.uid, await this.#ownerState(object, owner));
    const dependents = this.#graph.dependents(object.metadata.uid ?? '').map((one) => one.object);
    const find = (owner: OwnerReference) => this.#graph.cachedOwner(owner, object.metadata.namespace)?.object;
    const waitsForItself = () => leadsBack(object, find);
    return decide({ object, dependents, waitsForItself, ownerState: (owner) => states.get(owner.uid) ?? 'unknown' });
  }

  async #ownerState(object: KubeObject, owner: OwnerReference): Promise<OwnerState> {
    const watched = this.#graph.kindOf(owner);
    if (!watched) return 'unknown';
    const { namespace } = object.metadata;
    if (watched.kind.namespaced && namespace === undefined) {
      const text = `ownerRef [${owner.apiVersion}/${owner.kind}, name: ${owner.name}, uid: ${owner.uid}] must be of a kind without a namespace, because the object has none`;
      this.#events.event(object, 'Warning', 'OwnerRefInvalidNamespace', text);
      return 'unknown';
    }
    const cached = this.#graph.cachedOwner(owner, namespace);
    if (cached) return isForeground(cached.object) ? 'waiting' : 'live';
    // A cache that is late must not cost a living owner its dependents.
    const live = await this.#get(watched, owner.name, watched.kind.namespaced ? namespace : undefined);
    if (!live || live.metadata.uid !== owner.uid) return 'absent';
    return isForeground(live) ? 'waiting' : 'live';
  }

  async #get(watched: WatchedKind, name: string, namespace: string | undefined): Promise<KubeObject | undefined> {
    try {
      return await this.#context.client.dynamic(watched.kind).get(name, namespace);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #act(located: Located, action: GarbageAction): Promise<void> {
    const { watched, object } = located;
    const { name = '', namespace, uid = '', resourceVersion = '', finalizers = [] } = object.metadata;
    switch (action.type) {
      case 'none':
      case 'wait':
        return;
      case 'finish-foreground':
        await this.#patch(located, { finalizers: finalizers.filter((finalizer) => finalizer !== FOREGROUND) });
        return;
      case 'orphan-dependents':
        await this.#orphanDependents(object);
        await this.#patch(located, { finalizers: finalizers.filter((finalizer) => finalizer !== ORPHAN) });
        return;
      case 'keep-owners':
        await this.#patch(located, { ownerReferences: action.owners });
        return;
      case 'delete': {
        const version = action.unblock ? (await this.#patch(located, { ownerReferences: action.unblock })).metadata.resourceVersion : resourceVersion;
        const preconditions = { uid, ...(version ? { resourceVersion: version } : {}) };
        await ignoreNotFound(this.#context.client.dynamic(watched.kind).delete(name, namespace, { propagationPolicy: action.policy, preconditions }));
      }
    }
  }

  /** Asks the server who the dependents are: one that the cache does not have yet would lose its owner and be collected. */
  async #orphanDependents(owner: KubeObject): Promise<void> {
    const { uid, namespace } = owner.metadata;
    for (const watched of this.#graph.kinds) {
      if (namespace !== undefined && !watched.kind.namespaced) continue;
      const { items } = await this.#context.client.dynamic(watched.kind).list(namespace === undefined ? {} : { namespace });
      for (const object of items) {
        const owners = object.metadata.ownerReferences ?? [];
        const ownerReferences = owners.filter((reference) => reference.uid !== uid);
        if (ownerReferences.length < owners.length) await ignoreNotFound(this.#patch({ watched, object }, { ownerReferences }));
      }
    }
  }

  /** Changes metadata of the very version that was decided on. */
  #patch({ watched, object }: Located, metadata: { readonly [field: string]: unknown }): Promise<KubeObject> {
    const { name = '', namespace, uid, resourceVersion } = object.metadata;
    return this.#context.client.dynamic(watched.kind).patch(name, namespace, { metadata: { uid, resourceVersion, ...metadata } }, { type: 'merge' });
  }
}

async function ignoreNotFound(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Deletes what nobody owns any more, and ends foreground and orphaning deletions. */
export const garbageCollector: Controller = { name: NAME, start: (context) => new GarbageCollector(context).start() };
