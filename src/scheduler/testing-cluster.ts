import type { KubeObject } from '../apimachinery/index.ts';
import { freezeDeep, keyOf, StatusError } from '../apimachinery/index.ts';
import type { ApiClient, EventRecorder, Informer, InformerFactory, InformerHandler, ResourceClient } from '../client/index.ts';
import type { KindDefinition, Node, Pod, PodSpec } from '../kinds/index.ts';
import type { Clock } from '../std/index.ts';

/** Builders and a model of the API for this room's tests. */
export const testNode = (
  name: string,
  over: { readonly allocatable?: object; readonly labels?: object; readonly spec?: object; readonly annotations?: object } = {},
): Node =>
  freezeDeep({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...over.labels }, annotations: { ...over.annotations } },
    spec: { ...over.spec },
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...over.allocatable } },
  });

export const testPod = (name: string, spec: Partial<PodSpec> & { readonly requests?: { readonly [key: string]: string } } = {}, metadata: object = {}): Pod => {
  const { requests, ...rest } = spec;
  const container = { name: 'c', image: 'i', ...(requests ? { resources: { requests } } : {}) };
  return freezeDeep({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, ...metadata },
    spec: { containers: [container], ...rest },
  });
};

/** Time that moves by hand. */
export class TestClock implements Clock {
  #nowMs = Date.UTC(2030, 0, 1);
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  now = (): number => this.#nowMs;
  monotonic = (): number => this.#nowMs;
  after(delayMs: number, run: () => void) {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return {
      close: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
    };
  }
  every(): never {
    throw new Error('not used');
  }
  sleep(): never {
    throw new Error('not used');
  }

  /** Runs everything that is due within `ms`, letting promises settle between. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#timers.filter((one) => one.atMs <= end).sort((left, right) => left.atMs - right.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = end;
  }
}

type Handlers = InformerHandler<KubeObject>;

/** Objects by plural and key; writes reach informers at once. */
export class TestCluster {
  readonly events: string[] = [];
  readonly bound: string[] = [];
  /** Set to make the next bindings fail. */
  bindError: StatusError | undefined;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #handlers = new Map<string, Set<Handlers>>();

  #all(plural: string): Map<string, KubeObject> {
    const known = this.#objects.get(plural) ?? new Map<string, KubeObject>();
    this.#objects.set(plural, known);
    return known;
  }

  put(plural: string, object: KubeObject): void {
    const old = this.#all(plural).get(keyOf(object));
    this.#all(plural).set(keyOf(object), freezeDeep(object));
    for (const one of this.#handlers.get(plural) ?? []) {
      if (old) one.updated?.(object, old);
      else one.added?.(object);
    }
  }
  remove(plural: string, key: string): void {
    const old = this.#all(plural).get(key);
    this.#all(plural).delete(key);
    if (old) for (const one of this.#handlers.get(plural) ?? []) one.deleted?.(old);
  }
  pod(name: string): Pod {
    return this.#all('pods').get(`default/${name}`) as Pod;
  }
  node(name: string): Node {
    return this.#all('nodes').get(name) as Node;
  }

  readonly recorder: EventRecorder = {
    event: (about, type, reason, message) => {
      this.events.push(`${type} ${reason} ${about.metadata.name}: ${message}`);
    },
  };

  readonly informers: InformerFactory = {
    informer: <T extends KubeObject>(kind: KindDefinition<T>): Informer<T> => {
      const all = this.#all(kind.plural);
      return {
        hasSynced: true,
        synced: () => Promise.resolve(),
        get: (name, namespace) => all.get(namespace ? `${namespace}/${name}` : name) as T | undefined,
        list: () => [...all.values()] as T[],
        byIndex: () => [],
        subscribe: (handler) => {
          const known = this.#handlers.get(kind.plural) ?? new Set();
          this.#handlers.set(kind.plural, known.add(handler as Handlers));
          for (const object of all.values()) handler.added?.(object as T);
          return { close: () => void known.delete(handler as Handlers) };
        },
      };
    },
    close: () => undefined,
  };

  readonly client: ApiClient = {
    resource: <T extends KubeObject>(kind: KindDefinition<T>) =>
      ({
        createSubresource: async (
          name: string,
          _namespace: string,
          _subresource: string,
          body: KubeObject & { readonly target?: { readonly name: string } },
        ) => {
          if (this.bindError) throw this.bindError;
          const pod = this.pod(name);
          if (!pod) throw new StatusError({ code: 404, reason: 'NotFound', message: 'gone' });
          this.bound.push(`${name}->${body.target?.name}`);
          this.put('pods', { ...pod, spec: { ...pod.spec, nodeName: body.target?.name } } as unknown as KubeObject);
          return body;
        },
        patch: async (name: string, namespace: string | undefined, patch: { readonly status: { readonly conditions: readonly object[] } }) => {
          const object = this.#all(kind.plural).get(namespace ? `${namespace}/${name}` : name) as (KubeObject & { readonly status?: object }) | undefined;
          if (!object) throw new StatusError({ code: 404, reason: 'NotFound', message: 'gone' });
          this.put(kind.plural, { ...object, status: { ...object.status, ...patch.status } } as KubeObject);
          return object;
        },
      }) as unknown as ResourceClient<T>,
    dynamic: () => {
      throw new Error('not used');
    },
    close: () => undefined,
  };
}
