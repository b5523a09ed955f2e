import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PodStreams } from '../apimachinery/index.ts';
import { createApiServer, ensurePki, writeKubeconfig } from '../apiserver/index.ts';
import { createApiClient, createEventRecorder, createInformers, type EventRecorder } from '../client/index.ts';
import { startControllers } from '../controllers/index.ts';
import { KINDS } from '../kinds/index.ts';
import { type Kubelet, startKubelet } from '../kubelet/index.ts';
import { chooseRanges, type NetworkRanges, startNetwork } from '../network/index.ts';
import { connectShim, createFakeRuntime, createProcessRuntime, type Runtime } from '../runtimes/index.ts';
import { startScheduler } from '../scheduler/index.ts';
import { type Clock, type Closable, Closer } from '../std/index.ts';
import { openDiskStore } from '../storage/index.ts';
import { bindApiSocket } from './api-port.ts';
import type { DaemonConfig } from './config.ts';
import type { Log } from './log.ts';
import { keptNodeName } from './node-name.ts';

declare const __DROVER_VERSION__: string | undefined;

/** The level of the Kubernetes API that is served. */
const KUBERNETES = '1.33';
const VERSION = typeof __DROVER_VERSION__ === 'string' ? __DROVER_VERSION__ : 'development';

/** Under which the API's certificate is valid: from the machine, and from pods by the Service `kubernetes`. */
const serverNames = (ranges: NetworkRanges): readonly string[] => [
  '127.0.0.1',
  'localhost',
  ranges.apiAddress,
  ranges.nodeAddress,
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const tlsFiles = ({ server, authority }: Awaited<ReturnType<typeof ensurePki>>) => ({ certificate: server.certificate, key: server.key, authority });

/** Certificates last a year and are renewed 60 days before. */
const RENEWAL_CHECK_MS = 3_600_000;

export interface DaemonParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Another shim, with a daemon of its own, has taken this home over. */
  readonly onReplaced: () => void;
}

/**
 * Starts the server rooms in order: store, API, network, node agent, scheduler, controllers. Closing goes back the same way and leaves every
 * app, the proxy and the shim as they are.
 */
export async function startDaemon(config: DaemonConfig, parts: DaemonParts): Promise<Closable> {
  const { home, environment } = config;
  const { clock, log } = parts;
  const closer = new Closer();
  try {
    for (const directory of [home.home, home.run, home.logs, home.pods]) await mkdir(directory, { recursive: true, mode: 0o700 });
    const shim = closer.add(
      connectShim({ paths: home, clock, shimProgram: join(dirname(fileURLToPath(import.meta.url)), 'shim.js'), onReplaced: parts.onReplaced }),
    );
    const nodeName = await keptNodeName(home, config.nodeName);
    const ranges = await chooseRanges({ home, env: environment, clock });
    const certificates = () => ensurePki({ directory: home.pki, serverNames: serverNames(ranges), clock });
    const pki = await certificates();
    const store = closer.add(await openDiskStore({ directory: home.state, onProblem: (message) => log.info(`store: ${message}`) }));
    let kubelet: Kubelet | undefined;
    const streams = (): PodStreams | undefined => kubelet?.streams;
    let synced = false;
    const api = closer.add(
      await createApiServer({
        store,
        kinds: KINDS,
        clock,
        version: { kubernetes: KUBERNETES, drover: VERSION },
        streams,
        serviceRanges: { addresses: ranges.serviceCidr, reserved: [ranges.dnsAddress] },
        secretsKey: pki.secretsKey,
        checks: [{ name: 'node-agent', kind: 'readiness', failing: () => (synced ? undefined : 'what runs on this machine has not been adopted yet') }],
        onInternalError: (error, requestId) => log.error('a request failed inside', error, { requestId }),
      }),
    );
    const socket = await bindApiSocket(shim, home, config.apiPort);
    await api.bootstrap({ address: '127.0.0.1', port: socket.port });

    const client = closer.add(createApiClient(api.inProcessTransport(), { clock, fieldManager: 'drover' }));
    const informers = closer.add(createInformers(client, { clock }));
    const recorders = new Map<string, EventRecorder>();
    const events = (component: string): EventRecorder => {
      const known = recorders.get(component);
      if (known) return known;
      const made = closer.add(
        createEventRecorder(client, {
          component,
          clock,
          host: nodeName,
          onError: (error) => log.error('an event could not be written', error, { component }),
        }),
      );
      recorders.set(component, made);
      return made;
    };
    const runtime: Runtime = closer.add(config.runtime === 'fake' ? createFakeRuntime({ clock }) : await createProcessRuntime({ paths: home, clock, shim }));
    const network = closer.add(
      await startNetwork({
        client,
        informers,
        events: events('service-proxy'),
        clock,
        home,
        ranges,
        shim,
        apiServerPort: socket.port,
        env: environment,
        log: (line) => log.info(line, { room: 'network' }),
      }),
    );
    kubelet = closer.add(
      startKubelet({
        client,
        informers,
        events: events('kubelet'),
        runtime,
        network,
        clock,
        home,
        nodeName,
        nodeAddress: ranges.nodeAddress,
        ...(config.maxPods === undefined ? {} : { capacity: { pods: config.maxPods } }),
        version: `v${KUBERNETES}.0`,
        environment,
        logLimits: config.logLimits,
        onError: (error, about) => log.error(about, error, { room: 'kubelet' }),
      }),
    );
    closer.add(
      startScheduler({
        client,
        informers,
        events: events('default-scheduler'),
        clock,
        overcommit: config.overcommit,
        onError: (doing, error) => log.error(doing, error, { room: 'scheduler' }),
      }),
    );
    closer.add(
      startControllers({
        client,
        informers,
        events,
        clock,
        kinds: KINDS,
        rootCertificate: pki.authority,
        log: (message, fields) =>
          fields.error === undefined ? log.info(message, fields) : log.error(message, fields.error, { controller: fields.controller, key: fields.key }),
      }),
    );
    await api.listenUnix(home.apiSocket);
    const https = await api.listenHttps({ handle: socket.handle }, tlsFiles(pki));
    const publish = (current: typeof pki) => writeKubeconfig(home.kubeconfig, { name: 'drover', server: `https://127.0.0.1:${socket.port}`, pki: current });
    await publish(pki);
    let { renewAtMs } = pki;
    const renew = async (): Promise<void> => {
      if (clock.now() < renewAtMs) return;
      const renewed = await certificates();
      renewAtMs = renewed.renewAtMs;
      https.renew(tlsFiles(renewed));
      await publish(renewed);
    };
    closer.add(clock.every(RENEWAL_CHECK_MS, () => void renew().catch((error: unknown) => log.error('renewing certificates', error))));
    await kubelet.ready;
    synced = true;
    log.info('ready', { version: VERSION, pid: process.pid, network: ranges.mode, apiPort: socket.port });
    return closer;
  } catch (error) {
    await closer.close().catch((closing: unknown) => log.error('closing after a failed start', closing));
    throw error;
  }
}
