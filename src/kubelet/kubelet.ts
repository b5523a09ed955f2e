import { type Pod, pod as podKind } from '../kinds/index.ts';
import { Closer, errorText } from '../std/index.ts';
import type { Kubelet, KubeletOptions } from './contract.ts';
import { findLocalNodes, type LocalNode } from './images/local-node.ts';
import type { ImageSources } from './images/resolve-image.ts';
import { Gather, liveObjects, mountsObject } from './live-objects.ts';
import { podStreams } from './logs/pod-streams.ts';
import { machineInfo, machineResources } from './node/machine.ts';
import type { NodeInput } from './node/node-object.ts';
import { NodeRegistration } from './node/node-registration.ts';
import { measurePressure } from './node/pressure.ts';
import { PodWorkers } from './pod/pod-workers.ts';
import type { WorkerParts } from './pod/worker-parts.ts';
import { runInContainer } from './run-in-container.ts';
import { StatusWriter } from './status/status-writer.ts';
import { refreshVolumes } from './volumes/pod-volumes.ts';

const DEFAULT_LOG_LIMITS = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };
/** Mounted files follow their objects after this; well within Kubernetes' minute and our ten seconds. */
const VOLUME_REFRESH_MS = 200;
const REGISTER_RETRY_MS = 1_000;
const WAITS_FOR_OBJECTS = ['CreateContainerConfigError', 'FailedMount'];
const WAITS_FOR_IMAGES = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull'];

/**
 * Starts the node agent: lists what runs, waits for the API's pods, adopts, and only then acts. Failures on the way are tried again for as long as it
 * takes; meanwhile everything that runs goes on running. Order of closing: stop deciding, then stop writing.
 */
export function startKubelet(options: KubeletOptions): Kubelet {
  const closer = new Closer();
  const closing = new AbortController();
  const onError = options.onError ?? (() => undefined);
  let workers: PodWorkers | undefined;
  const streams = podStreams({ find: (namespace, name) => workers?.find(namespace, name), runtime: options.runtime, clock: options.clock });
  const ready = run(options, onError, closer, closing.signal, (made) => {
    workers = made;
  });
  ready.catch((error: unknown) => {
    if (!closing.signal.aborted) onError(error, 'starting the node agent');
  });
  return {
    streams,
    ready,
    pods: () =>
      [...(workers?.all ?? [])].map((one) => ({
        uid: one.uid,
        namespace: one.pod.metadata.namespace ?? '',
        name: one.pod.metadata.name ?? '',
        state: one.state,
      })),
    async close() {
      closing.abort(new Error('the node agent is closed'));
      await ready.catch(() => undefined);
      await closer.close();
    },
  };
}

type OnError = (error: unknown, about: string) => void;

async function run(options: KubeletOptions, onError: OnError, closer: Closer, signal: AbortSignal, made: (workers: PodWorkers) => void): Promise<void> {
  const { clock, runtime, informers, home } = options;
  let workers: PodWorkers | undefined;
  const refresh = closer.add(new Gather(clock, VOLUME_REFRESH_MS, (uids) => void refreshAll(uids)));
  const objects = closer.add(
    liveObjects(informers, {
      changed(kind, namespace, name) {
        for (const worker of workers?.all ?? [])
          if (worker.pod.metadata.namespace === namespace && mountsObject(worker.pod, kind, name)) refresh.add(worker.uid);
        workers?.retryNow(WAITS_FOR_OBJECTS);
      },
      imagesChanged: () => workers?.retryNow(WAITS_FOR_IMAGES),
    }),
  );
  const pods = informers.informer(podKind);
  const [nodes, resources] = await Promise.all([
    findLocalNodes(options.environment),
    machineResources(options.capacity, home.home),
    objects.synced(signal),
    pods.synced(signal),
  ]);
  const status = closer.add(new StatusWriter({ client: options.client.resource(podKind), clock, onError }));
  const parts: WorkerParts = {
    client: options.client,
    pods: options.client.resource(podKind),
    events: options.events,
    runtime,
    network: options.network,
    clock,
    home,
    nodeAddress: options.nodeAddress,
    status,
    sources: objects.sources,
    images: imageSources(objects.registry, nodes),
    machine: resources,
    environment: options.environment,
    logLimits: options.logLimits ?? DEFAULT_LOG_LIMITS,
    linkLogs: runtime.name !== 'fake',
    exec: runInContainer(runtime),
    random: options.random ?? Math.random,
    onError,
  };

  const refreshAll = async (uids: readonly string[]): Promise<void> => {
    for (const uid of uids) {
      const worker = workers?.get(uid);
      if (worker?.state !== 'syncing' || !worker.network) continue;
      const input = { pod: worker.pod, sources: parts.sources, fields: { podIP: worker.network.ip, hostIP: options.nodeAddress }, machine: parts.machine };
      await refreshVolumes(home.pods, input).catch((error: unknown) => {
        options.events.event(worker.pod, 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume: ${errorText(error)}`);
      });
    }
  };

  // Subscribed before listing: an exit in between is in one of the two.
  const early: Parameters<PodWorkers['onRuntimeEvent']>[0][] = [];
  closer.add(runtime.subscribe((event) => (workers ? workers.onRuntimeEvent(event) : early.push(event))));
  const adopted = await untilDone(() => runtime.list(), 'listing what runs', onError, options, signal);
  workers = closer.add(new PodWorkers(parts, adopted));
  made(workers);

  const measure = async (): Promise<NodeInput> => ({
    name: options.nodeName,
    address: options.nodeAddress,
    version: options.version,
    runtimeVersion: `${runtime.name}://${runtime.version}`,
    machine,
    resources,
    limitations: [...runtime.limitations(), ...options.network.limitations(), ...unknownPods(workers), ...imageProblems(objects.registry().problems)],
    pressure: await measurePressure(home.home),
    images: [...objects.registry().images.keys()],
    nowMs: clock.now(),
  });
  const machine = machineInfo();
  const registration = closer.add(new NodeRegistration({ client: options.client, clock, nodeName: options.nodeName, measure, onError }));
  const { knownBefore } = await untilDone(() => registration.start(), 'registering the node', onError, options, signal);

  closer.add(pods.subscribe(podHandler(options.nodeName, workers, refresh)));
  for (const event of early.splice(0)) workers.onRuntimeEvent(event);
  // A node that the API has never heard of, with pods running on it, means a lost store, not pods that were deleted: they are left alone and reported.
  if (knownBefore) workers.stopOrphans(new Set(pods.list().map((one) => one.metadata.uid ?? '')));
  if (workers.unknownPods > 0) registration.refresh();
}

/** Hands over the pods of this node. */
function podHandler(nodeName: string, workers: PodWorkers, refresh: Gather) {
  const mine = (one: Pod): boolean => one.spec?.nodeName === nodeName;
  return {
    added: (one: Pod) => mine(one) && workers.update(one),
    updated(one: Pod, old: Pod) {
      if (one.metadata.uid !== old.metadata.uid && mine(old)) workers.remove(old);
      if (!mine(one)) return;
      workers.update(one);
      // Labels and annotations may be mounted.
      const changed = one.metadata.labels !== old.metadata.labels || one.metadata.annotations !== old.metadata.annotations;
      const mounted = one.spec?.volumes?.some((volume) => volume.downwardAPI ?? volume.projected?.sources?.some((source) => source.downwardAPI));
      if (changed && mounted) refresh.add(one.metadata.uid ?? '');
    },
    deleted: (one: Pod) => mine(one) && workers.remove(one),
  };
}

/** Registered images as of now, and the Nodes of this machine; the same object until a registration changes. */
function imageSources(registry: () => ImageSources['registry'], nodes: readonly LocalNode[]): () => ImageSources {
  let last: ImageSources | undefined;
  return () => {
    const now = registry();
    if (last?.registry !== now) last = { registry: now, nodes };
    return last;
  };
}

const unknownPods = (workers: PodWorkers | undefined): readonly { readonly reason: string; readonly message: string }[] => {
  const count = workers?.unknownPods ?? 0;
  if (count === 0) return [];
  const message = `${count} pods run on this machine that the API does not have on this node: its store was new, or the node had another name. They are left alone; "drover kill" ends them`;
  return [{ reason: 'UnknownPods', message }];
};

const imageProblems = (problems: readonly string[]): readonly { readonly reason: string; readonly message: string }[] =>
  problems.length === 0 ? [] : [{ reason: 'ImageRegistrations', message: `ConfigMap kube-system/drover-images: ${problems.join('; ')}` }];

/** Tries until it works or the agent is closed. */
async function untilDone<T>(work: () => Promise<T>, about: string, onError: OnError, options: Pick<KubeletOptions, 'clock'>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      onError(error, about);
      await options.clock.sleep(REGISTER_RETRY_MS, signal);
    }
  }
}
