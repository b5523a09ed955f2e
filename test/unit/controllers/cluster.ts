import { type KubeObject, StatusError, type Transport } from '../../../src/apimachinery/index.ts';
import { type ApiServer, createApiServer } from '../../../src/apiserver/index.ts';
import { type ApiClient, createApiClient, createEventRecorder, createInformers, type InformerFactory, type ResourceClient } from '../../../src/client/index.ts';
import { type ControllerContext, startControllers } from '../../../src/controllers/index.ts';
import { KINDS, type KindDefinition, namespace, type Pod, pod } from '../../../src/kinds/index.ts';
import { type Clock, Closer, rfc3339, systemClock } from '../../../src/std/index.ts';
import { createMemoryStore } from '../../../src/storage/index.ts';

const VERSION = { kubernetes: '1.34', drover: '0.0.0' };

/** A real API server in memory with all controllers, and a node agent that only says that pods run. */
export interface TestCluster {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly errors: unknown[];
  /** Pods are reported ready by themselves while this is true. */
  setReady(ready: (pod: Pod) => boolean): void;
  resource<T extends KubeObject>(kind: KindDefinition<T>): ResourceClient<T>;
  /** Resolves once `ask` answers with something; it is asked again after every change of the kind. */
  until<T extends KubeObject, R>(kind: KindDefinition<T>, ask: (objects: readonly T[]) => R | undefined | false): Promise<R>;
  /** The server itself, for tests that let others in. */
  readonly server: ApiServer;
  /** Ends the controllers at once and starts new ones on the same server, as after a crash. */
  restartControllers(): Promise<void>;
  close(): Promise<void>;
}

interface ClusterOptions {
  readonly clock?: Clock;
  readonly kubelet?: boolean;
  /** What becomes of a write of the controllers: made, refused before it reaches the server, or made with its answer lost. */
  readonly fate?: () => 'made' | 'refused' | 'lost';
}

/** A way to the server on which writes can fail on either side of being made. */
function unreliable(transport: Transport, fate: NonNullable<ClusterOptions['fate']>): Transport {
  const failure = () => new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'the line is down' });
  return {
    ...transport,
    async request(request) {
      const becomes = request.method === 'GET' ? 'made' : fate();
      if (becomes === 'refused') throw failure();
      const answer = await transport.request(request);
      if (becomes === 'lost') throw failure();
      return answer;
    },
  };
}

export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const clock = options.clock ?? systemClock;
  const closer = new Closer();
  const errors: unknown[] = [];
  const store = createMemoryStore();
  const server = closer.add(
    await createApiServer({ store, kinds: KINDS, clock, version: VERSION, streams: () => undefined, onInternalError: (error) => errors.push(error) }),
  );
  const client = closer.add(createApiClient(server.inProcessTransport(), { clock }));
  const informers = closer.add(createInformers(client, { clock, onError: (_kind, error) => errors.push(error) }));
  const recorders = new Closer();
  closer.add(recorders);
  const theirs = options.fate ? createApiClient(unreliable(server.inProcessTransport(), options.fate), { clock }) : client;
  const run = (own: InformerFactory) => {
    const context: ControllerContext = {
      client: theirs,
      informers: own,
      clock,
      kinds: KINDS,
      rootCertificate: 'PEM',
      events: (component) => recorders.add(createEventRecorder(client, { component, clock, host: 'test', onError: () => undefined })),
      log: (message, fields) => void (options.fate === undefined && errors.push({ message, ...fields })),
    };
    return startControllers(context);
  };
  let own = createInformers(client, { clock });
  let controllers = run(own);
  closer.add({
    close: async () => {
      await controllers.close();
      await own.close();
    },
  });
  let ready: (pod: Pod) => boolean = () => true;
  if (options.kubelet !== false) closer.add(kubelet(client, informers, clock, (one) => ready(one)));
  await client
    .resource(namespace)
    .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
    .catch(() => undefined);
  return {
    server,
    client,
    informers,
    errors,
    setReady: (next) => {
      ready = next;
    },
    resource: (kind) => client.resource(kind),
    until: async <T extends KubeObject, R>(kind: KindDefinition<T>, ask: (objects: readonly T[]) => R | undefined | false) => {
      const informer = informers.informer(kind);
      await informer.synced();
      return new Promise<R>((resolve) => {
        const look = (): void => {
          const answer = ask(informer.list());
          if (answer === undefined || answer === false) return;
          resolve(answer);
          queueMicrotask(() => subscription.close());
        };
        const subscription = informer.subscribe({ added: look, updated: look, deleted: look });
        look();
      });
    },
    async restartControllers() {
      await controllers.close();
      await own.close();
      own = createInformers(client, { clock });
      controllers = run(own);
      await Promise.all(KINDS.map((kind) => own.informer(kind).synced()));
    },
    close: () => closer.close(),
  };
}

/** Says of every pod that it runs on node n1 and is ready, and lets go of deleted ones. */
function kubelet(client: ApiClient, informers: InformerFactory, clock: Clock, ready: (pod: Pod) => boolean) {
  const pods = client.resource(pod);
  let last = 0;
  const address = new Map<string, string>();
  const act = async (one: Pod): Promise<void> => {
    const { name = '', namespace: of, uid = '' } = one.metadata;
    if (one.metadata.deletionTimestamp) return void (await pods.delete(name, of, { gracePeriodSeconds: 0, preconditions: { uid } }));
    if (!address.has(uid)) address.set(uid, `10.1.${++last >> 8}.${last & 255}`);
    const podIP = address.get(uid)!;
    const status = ready(one) ? 'True' : 'False';
    const now = rfc3339(clock.now());
    if (one.status?.podIP === podIP && one.status.conditions?.[0]?.status === status) return;
    const conditions = [{ type: 'Ready', status, lastTransitionTime: now }];
    await pods.updateStatus({ ...one, status: { ...one.status, phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions } });
  };
  const run = (one: Pod): void => void act(one).catch(() => undefined);
  return informers.informer(pod).subscribe({ added: run, updated: run });
}
