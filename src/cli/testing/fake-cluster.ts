import { type ApiRequest, type ApiResponse, applyMergePatch, type KubeObject, StatusError, type Transport, type WatchEvent } from '../../apimachinery/index.ts';
import { createApiClient } from '../../client/index.ts';
import type { Deployment, Pod, ReplicaSet } from '../../kinds/index.ts';
import { systemClock } from '../../std/index.ts';
import type { Connection } from '../context.ts';

/** Path of a collection, split from the name: /apis/apps/v1/namespaces/x/deployments/y. */
function target(path: string): {
  readonly group: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly rest: string | undefined;
} {
  const [root, ...parts] = path.slice(1).split('/');
  const group = root === 'api' ? '' : (parts.shift() ?? '');
  parts.shift();
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts.splice(0, 2)[1] : undefined;
  const [plural = '', name, rest] = parts;
  return { group, namespace, plural, name: name && decodeURIComponent(name), rest };
}

const ref = (plural: string, kind: string, namespaced: boolean, shortNames: readonly string[] = [], categories: readonly string[] = []) => ({
  resource: plural,
  responseKind: { kind },
  scope: namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  shortNames,
  categories,
});

const DISCOVERY: { readonly [path: string]: unknown } = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            resources: [
              ref('pods', 'Pod', true, ['po'], ['all']),
              ref('configmaps', 'ConfigMap', true, ['cm']),
              ref('namespaces', 'Namespace', false, ['ns']),
              ref('events', 'Event', true, ['ev']),
              ref('secrets', 'Secret', true),
            ],
          },
        ],
      },
    ],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'apps' },
        versions: [
          { version: 'v1', resources: [ref('deployments', 'Deployment', true, ['deploy'], ['all']), ref('replicasets', 'ReplicaSet', true, ['rs'], ['all'])] },
        ],
      },
    ],
  },
};

const wantsTable = (request: ApiRequest): boolean => (request.headers?.['accept'] ?? '').includes('as=Table');

/** A cluster for the command line's tests: keeps what is written, and makes every Deployment what it asks for at once. */
export class FakeCluster implements Transport {
  readonly objects = new Map<string, KubeObject>();
  readonly requests: ApiRequest[] = [];
  /** Logs by pod. */
  readonly logs = new Map<string, string>();
  /** When set, containers of new pods wait with this reason and message. */
  broken: { readonly reason: string; readonly message: string } | undefined;
  #revision = 0;
  #watchers = new Set<() => void>();
  #log: { readonly plural: string; readonly namespace: string | undefined; readonly event: WatchEvent<KubeObject>; readonly revision: number }[] = [];

  connection(): Connection {
    return {
      client: createApiClient(this, { clock: systemClock, fieldManager: 'drover' }),
      transport: this,
      namespace: 'default',
      local: undefined,
      cluster: undefined,
      name: 'fake',
    };
  }

  put(plural: string, object: KubeObject): KubeObject {
    const { name = '', namespace } = object.metadata;
    const key = `${plural}/${namespace ?? ''}/${name}`;
    const old = this.objects.get(key);
    this.#revision++;
    const changed = !old || JSON.stringify((old as { spec?: unknown }).spec) !== JSON.stringify((object as { spec?: unknown }).spec);
    const stored = {
      ...object,
      metadata: {
        uid: `uid-${key}`,
        creationTimestamp: '2030-01-01T00:00:00Z',
        ...old?.metadata,
        ...object.metadata,
        generation: (old?.metadata.generation ?? 0) + (changed ? 1 : 0),
        resourceVersion: String(this.#revision),
      },
    };
    this.objects.set(key, stored);
    this.#tell(plural, namespace, { type: old ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  remove(plural: string, object: KubeObject): void {
    this.objects.delete(`${plural}/${object.metadata.namespace ?? ''}/${object.metadata.name}`);
    this.#revision++;
    this.#tell(plural, object.metadata.namespace, {
      type: 'DELETED',
      object: { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } },
    });
  }

  #tell(plural: string, namespace: string | undefined, event: WatchEvent<KubeObject>): void {
    this.#log.push({ plural, namespace, event, revision: this.#revision });
    for (const wake of this.#watchers) wake();
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    this.requests.push(request);
    const answer = (status: number, body: unknown): ApiResponse => ({ status, headers: {}, body: structuredClone(body), warnings: [] });
    const announced = DISCOVERY[request.path];
    if (announced) return answer(200, announced);
    const { group, namespace, plural, name, rest } = target(request.path);
    if (name === undefined) {
      if (request.method === 'POST') return answer(201, this.#write(plural, request.body as KubeObject));
      if (wantsTable(request)) return answer(200, this.#table(this.#list(plural, namespace, request)));
      return answer(200, {
        apiVersion: 'v1',
        kind: 'List',
        metadata: { resourceVersion: String(this.#revision) },
        items: this.#list(plural, namespace, request),
      });
    }
    if (rest === 'log') return answer(200, this.logs.get(name) ?? '');
    const found = this.objects.get(`${plural}/${namespace ?? ''}/${name}`);
    if (request.method === 'PATCH' && !found && request.headers?.['content-type'] === 'application/apply-patch+yaml')
      return answer(201, this.#write(plural, request.body as KubeObject));
    if (!found)
      return answer(404, new StatusError({ code: 404, reason: 'NotFound', message: `${plural}${group ? `.${group}` : ''} "${name}" not found` }).status);
    if (request.method === 'GET' && wantsTable(request)) return answer(200, this.#table([found]));
    if (request.method === 'PATCH') return answer(200, this.#write(plural, applyMergePatch(found, request.body) as KubeObject));
    if (request.method === 'DELETE') {
      this.remove(plural, found);
      if (plural === 'deployments') this.#settle({ ...(found as Deployment), spec: { ...(found as Deployment).spec, replicas: 0 } } as Deployment);
    }
    return answer(200, found);
  }

  /** A server's Table with a name, and a column for -o wide. */
  #table(objects: readonly KubeObject[]): unknown {
    return {
      kind: 'Table',
      metadata: { resourceVersion: String(this.#revision) },
      columnDefinitions: [
        { name: 'Name', format: 'name', priority: 0 },
        { name: 'Age', priority: 0 },
        { name: 'Version', priority: 1 },
      ],
      rows: objects.map((object) => ({ cells: [object.metadata.name, '5m', object.metadata.resourceVersion], object })),
    };
  }

  #list(plural: string, namespace: string | undefined, request: ApiRequest): readonly KubeObject[] {
    const name = /metadata\.name=(.*)/.exec(String(request.query?.['fieldSelector'] ?? ''))?.[1];
    return [...this.objects]
      .filter(
        ([key, { metadata }]) =>
          key.startsWith(`${plural}/`) && (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name),
      )
      .map(([, object]) => object);
  }

  #write(plural: string, object: KubeObject): KubeObject {
    const stored = this.put(plural, object);
    if (plural === 'deployments') return this.#settle(stored as Deployment) ?? stored;
    return stored;
  }

  /** What controllers and the node agent would do. */
  #settle(deployment: Deployment): KubeObject | undefined {
    const { name = '', namespace = '', generation = 1 } = deployment.metadata;
    const replicas = deployment.spec?.replicas ?? 1;
    const owner = (kind: string, owned: KubeObject) => [
      { apiVersion: 'apps/v1', kind, name: owned.metadata.name ?? '', uid: owned.metadata.uid ?? '', controller: true },
    ];
    const annotations = { 'deployment.kubernetes.io/revision': '1' };
    const set = this.put('replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: `${name}-5d4`, namespace, annotations, ownerReferences: owner('Deployment', deployment) },
    } as ReplicaSet);
    for (const pod of this.#list('pods', namespace, { method: 'GET', path: '' }))
      if (pod.metadata.ownerReferences?.[0]?.name === `${name}-5d4` && Number(pod.metadata.name?.split('-').at(-1)) >= replicas) this.remove('pods', pod);
    const { broken } = this;
    for (let index = 0; index < replicas; index++) {
      const state = broken ? { waiting: broken } : { running: { startedAt: '2030-01-01T00:00:00Z' } };
      this.put('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${name}-5d4-${index}`,
          namespace,
          ownerReferences: owner('ReplicaSet', set),
          labels: deployment.spec?.template?.metadata?.labels ?? {},
        },
        spec: { containers: deployment.spec?.template?.spec?.containers ?? [] },
        status: {
          phase: broken ? 'Pending' : 'Running',
          conditions: [{ type: 'Ready', status: broken ? 'False' : 'True' }],
          containerStatuses: [
            {
              name: deployment.spec?.template?.spec?.containers?.[0]?.name ?? 'app',
              image: 'i',
              imageID: 'i',
              ready: !broken,
              restartCount: broken ? 1 : 0,
              state,
            },
          ],
        },
      } as Pod);
    }
    if (!this.objects.has(`deployments/${namespace}/${name}`)) return undefined;
    const status = {
      observedGeneration: generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: broken ? 0 : replicas,
      availableReplicas: broken ? 0 : replicas,
    };
    return this.put('deployments', {
      ...deployment,
      metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, ...annotations } },
      status,
    } as Deployment);
  }

  async *watch(request: ApiRequest): AsyncGenerator<WatchEvent<KubeObject>> {
    const { namespace, plural } = target(request.path);
    let seen = Number(request.query?.['resourceVersion']);
    let wake = (): void => undefined;
    const onWake = (): void => wake();
    this.#watchers.add(onWake);
    request.signal?.addEventListener('abort', onWake);
    try {
      while (!request.signal?.aborted) {
        const next = this.#log.find((entry) => entry.revision > seen && entry.plural === plural && (namespace === undefined || entry.namespace === namespace));
        if (next) {
          seen = next.revision;
          yield structuredClone(next.event);
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#watchers.delete(onWake);
    }
  }

  async stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    this.requests.push(request);
    const text = this.logs.get(target(request.path).name ?? '') ?? '';
    return (async function* () {
      yield new TextEncoder().encode(text);
    })();
  }

  close(): void {}
}
