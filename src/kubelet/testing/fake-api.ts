import { conflict, type KubeObject, notFound } from '../../apimachinery/index.ts';
import type { ApiClient, Informer, InformerFactory, InformerHandler, ResourceClient } from '../../client/index.ts';
import type { AnyKind, KindDefinition } from '../../kinds/index.ts';

/** An API of objects by kind, name and namespace, and informers on it that hear at once: enough for a node agent's tests. */
export class FakeApi {
  readonly #objects = new Map<string, KubeObject>();
  readonly #handlers = new Map<string, Set<InformerHandler<KubeObject>>>();
  #version = 1;
  reachable = true;
  statusWrites = 0;

  readonly client: ApiClient = {
    resource: <T extends KubeObject>(kind: KindDefinition<T>) => this.#resource(kind),
    dynamic: () => {
      throw new Error('not needed here');
    },
    close: () => undefined,
  };

  readonly informers: InformerFactory = {
    informer: <T extends KubeObject>(kind: KindDefinition<T>) => this.#informer(kind),
    close: () => undefined,
  };

  put<T extends KubeObject>(kind: KindDefinition<T>, object: T): T {
    const key = keyOf(kind, object.metadata.name ?? '', object.metadata.namespace);
    const old = this.#objects.get(key);
    const stored: T = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#objects.set(key, stored);
    for (const handler of this.#handlers.get(kind.plural) ?? []) {
      if (old) handler.updated?.(stored, old);
      else handler.added?.(stored);
    }
    return stored;
  }

  get<T extends KubeObject>(kind: KindDefinition<T>, name: string, namespace?: string): T | undefined {
    // The map holds under a kind's key only what was put with that kind.
    return this.#objects.get(keyOf(kind, name, namespace)) as T | undefined;
  }

  remove(kind: AnyKind, name: string, namespace?: string): void {
    const key = keyOf(kind, name, namespace);
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const handler of this.#handlers.get(kind.plural) ?? []) handler.deleted?.(old);
  }

  #check(): void {
    if (!this.reachable) throw new Error('the API does not answer');
  }

  #resource<T extends KubeObject>(kind: KindDefinition<T>): ResourceClient<T> {
    const subject = { group: kind.group, resource: kind.plural };
    const known = (name: string, namespace?: string): T => {
      this.#check();
      const found = this.get(kind, name, namespace);
      if (!found) throw notFound(subject, name);
      return found;
    };
    const write = (object: T): T => {
      const { name = '', namespace, resourceVersion } = object.metadata;
      const old = known(name, namespace);
      if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) throw conflict(subject, name, 'modified');
      return this.put(kind, object);
    };
    const unused = () => Promise.reject(new Error('not needed here'));
    return {
      get: async (name, namespace) => known(name, namespace),
      create: async (object) => {
        this.#check();
        return this.put(kind, object);
      },
      update: async (object) => write(object),
      updateStatus: async (object) => {
        if (kind.plural === 'pods') this.statusWrites += 1;
        return write(object);
      },
      delete: async (name, namespace, query) => {
        const found = known(name, namespace);
        const uid = query?.preconditions?.uid;
        if (uid !== undefined && uid !== found.metadata.uid) throw conflict(subject, name, 'uid');
        this.remove(kind, name, namespace);
        return found;
      },
      updateSubresource: unused,
      list: unused,
      patch: unused,
      deleteCollection: unused,
      createSubresource: unused,
      watch: () => {
        throw new Error('not needed here');
      },
    };
  }

  #informer<T extends KubeObject>(kind: KindDefinition<T>): Informer<T> {
    const prefix = `${kind.plural}/`;
    const all = (namespace?: string): readonly T[] =>
      [...this.#objects]
        .filter(([key, one]) => key.startsWith(prefix) && (namespace === undefined || one.metadata.namespace === namespace))
        .map(([, one]) => one as T);
    return {
      synced: () => Promise.resolve(),
      hasSynced: true,
      get: (name, namespace) => this.get(kind, name, namespace),
      list: all,
      byIndex: () => [],
      subscribe: (handler) => {
        const handlers = this.#handlers.get(kind.plural) ?? new Set();
        this.#handlers.set(kind.plural, handlers);
        const any: InformerHandler<KubeObject> = {
          added: (object) => handler.added?.(object as T),
          updated: (object, old) => handler.updated?.(object as T, old as T),
          deleted: (object) => handler.deleted?.(object as T),
        };
        handlers.add(any);
        for (const one of all()) handler.added?.(one);
        return { close: () => void handlers.delete(any) };
      },
    };
  }
}

const keyOf = (kind: Pick<AnyKind, 'plural'>, name: string, namespace: string | undefined): string => `${kind.plural}/${namespace ?? ''}/${name}`;
