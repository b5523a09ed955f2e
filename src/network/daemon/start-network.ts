import type { ApiClient, EventRecorder, InformerFactory } from '../../client/index.ts';
import { endpointSlice, pod, service } from '../../kinds/index.ts';
import { type Clock, Closer, errorText, type HomePaths } from '../../std/index.ts';
import type { NetworkRanges, PodNetwork } from '../contract.ts';
import { toDocument } from '../link/protocol.ts';
import { openProxyLink, type ProxyLink } from '../link/proxy-link.ts';
import { loopbackPorts } from '../node/loopback-ports.ts';
import { netnsPorts } from '../node/netns-ports.ts';
import { podAddresses } from '../node/pod-addresses.ts';
import { directBinder } from '../proxy/binder.ts';
import { startProxy } from '../proxy/proxy.ts';
import type { ServiceRoute } from '../table/route.ts';
import { listenTrouble } from './listen-trouble.ts';
import { podAttachments } from './pod-network.ts';
import { BY_SERVICE, servicesOfSlice, startRouteController } from './route-controller.ts';
import { completeSettings } from './settings.ts';
import { createWithdrawals } from './withdrawals.ts';

export interface NetworkOptions {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly home: HomePaths;
  readonly ranges: NetworkRanges;
  /** Starts the proxy's process and keeps it. Without it the proxy runs in this process, and Services answer only as long as it lives. */
  readonly shim?: { startProxy(): Promise<void> };
  /** Where the API server answers TLS on 127.0.0.1: the Service default/kubernetes leads there. */
  readonly apiServerPort: number;
  /** DROVER_NODEPORT_ADDRESSES: where node ports listen, separated by commas. Default: 127.0.0.1 and the node's address. */
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: (line: string) => void;
}

const REPAIR_MS = 30_000;
const COLLECT_MS = 300_000;

/** Starts the network of this node: addresses for pods, and the routing table that the proxy and the name server work by. Closing it leaves pods and the proxy as they are. */
export async function startNetwork(options: NetworkOptions): Promise<PodNetwork> {
  const { informers, events, clock, home, ranges } = options;
  const log = options.log ?? (() => undefined);
  const closer = new Closer();
  const ended = new AbortController();
  const settings = completeSettings(ranges, options.env ?? {});
  const addresses = podAddresses({ home, ranges, domain: settings.domain });
  const ports =
    ranges.mode === 'netns'
      ? netnsPorts({ homeId: home.id, ranges, addresses })
      : loopbackPorts({ ranges, addresses, dnsPort: settings.dns.port, firstFreePort: settings.firstFreePort });
  await ports.prepare();

  const services = informers.informer(service);
  const slices = informers.informer(endpointSlice, { [BY_SERVICE]: servicesOfSlice });
  const pods = informers.informer(pod);

  let link: ProxyLink | undefined;
  const unlinked = { withdraw: () => new Promise<void>(() => undefined), admit: () => Promise.resolve() };
  const withdrawals = createWithdrawals({ clock, nodeAddress: ranges.nodeAddress, link: () => link ?? unlinked });
  const trouble = listenTrouble({ events, services, clock });
  closer.add(trouble);
  let isKnown = false;
  const routes = startRouteController({
    services,
    slices,
    clock,
    signal: ended.signal,
    fixed: new Map([['default/kubernetes', apiRoute(ranges.apiAddress, options.apiServerPort)]]),
    changed: (set, removed) => {
      if (isKnown) void link?.change(set, removed);
    },
  });
  closer.add(routes);
  const ownProxy = proxyInProcess({ home, clock, log });
  closer.add(ownProxy);
  link = openProxyLink({
    socketPath: home.proxySocket,
    clock,
    log,
    table: () => (isKnown ? toDocument({ settings, services: routes.routes }, withdrawals.addresses) : undefined),
    startProxy: () => (options.shim ? options.shim.startProxy() : ownProxy.start()),
    onFailures: (failures) => trouble.report(failures),
  });
  closer.add(link);
  const attachments = podAttachments({ ports, addresses, withdrawals, clock });
  closer.add(attachments);

  const report = (what: string) => (error: unknown) => {
    if (!ended.signal.aborted) log(`${what} failed: ${errorText(error)}`);
  };
  const collect = async (): Promise<void> => {
    const living = new Set(pods.list().map((one) => one.metadata.uid));
    await attachments.collect((uid) => living.has(uid));
    await ports.sweep(new Map(addresses.book.uids().map((uid) => [uid, addresses.book.addressOf(uid) ?? ''])));
  };
  routes.synced
    .then(() => {
      isKnown = true;
      link?.resend();
    })
    .catch(report('reading Services and EndpointSlices'));
  pods.synced(ended.signal).then(collect).catch(report('collecting addresses of pods that are gone'));
  closer.add(clock.every(REPAIR_MS, () => void ports.prepare().catch(report('repairing the network of this machine'))));
  closer.add(clock.every(COLLECT_MS, () => void (pods.hasSynced ? collect() : Promise.resolve()).catch(report('collecting addresses of pods that are gone'))));

  return {
    mode: ranges.mode,
    dnsAddress: ranges.dnsAddress,
    limitations: () => [...ports.limitations(), ...trouble.limitations()],
    attach: attachments.attach,
    detach: attachments.detach,
    withdraw: withdrawals.withdraw,
    admit: withdrawals.admit,
    async close() {
      ended.abort(new Error('the network is closed'));
      await closer.close();
    },
  };
}

const apiRoute = (clusterIP: string, port: number): ServiceRoute => ({
  namespace: 'default',
  name: 'kubernetes',
  type: 'cluster',
  clusterIP,
  ports: [{ name: 'https', protocol: 'TCP', port: 443, endpoints: [`127.0.0.1:${port}`] }],
  hosts: [],
});

/** A proxy in this process, for when there is no shim to keep one. */
function proxyInProcess(options: { readonly home: HomePaths; readonly clock: Clock; readonly log: (line: string) => void }) {
  let started: ReturnType<typeof startProxy> | undefined;
  return {
    async start(): Promise<void> {
      started ??= startProxy({ ...options, binder: directBinder });
      await started;
    },
    async close(): Promise<void> {
      await (await started)?.close();
    },
  };
}
