import type { Clock } from '../../std/index.ts';
import type { ListenFailure } from '../link/protocol.ts';
import { listenPort, type PortRoute, type ServiceRoute, splitEndpoint, type TableSettings } from '../table/route.ts';
import { Balancer } from './balancer.ts';
import type { Binder } from './binder.ts';
import { Connection } from './connection.ts';
import { keepOpen, type ListenAddress, type OpenListener, openTcp } from './listener.ts';
import type { Slots } from './slots.ts';
import { openUdpForwarder } from './udp-forwarder.ts';

export interface ForwardingOptions {
  readonly clock: Clock;
  readonly binder: Binder;
  readonly slots: Slots;
  readonly open: Set<Connection>;
  readonly waitMs: number;
  readonly connectMs: number;
  /** Called when a listener could not be opened, or could at last. */
  readonly changed: () => void;
}

interface PortState {
  route: PortRoute;
  affinitySeconds: number | undefined;
  readonly balancer: Balancer;
  readonly listeners: Map<string, OpenListener>;
}

const portKey = (route: PortRoute): string => `${route.protocol}/${route.port}`;

/** The listeners and endpoints of one Service's ports. */
export class ServicePorts {
  readonly #key: string;
  readonly #options: ForwardingOptions;
  readonly #ports = new Map<string, PortState>();
  #withdrawn: ReadonlySet<string> = new Set();

  constructor(key: string, options: ForwardingOptions) {
    this.#key = key;
    this.#options = options;
  }

  failures(): readonly ListenFailure[] {
    return [...this.#ports.values()].flatMap((port) => [...port.listeners.values()].flatMap((listener) => listener.failure ?? []));
  }

  /** Makes listeners and endpoints those of `route`. New connections obey it at once; resolves when every new listener was tried. */
  async apply(route: ServiceRoute, settings: TableSettings, withdrawn: ReadonlySet<string>): Promise<void> {
    this.#withdrawn = withdrawn;
    const wanted = new Map(route.type === 'cluster' ? route.ports.map((port) => [portKey(port), port]) : []);
    for (const [key, port] of this.#ports) {
      if (wanted.has(key)) continue;
      this.#giveUp(port);
      this.#ports.delete(key);
    }
    const tried: Promise<void>[] = [];
    for (const [key, portRoute] of wanted) {
      let port = this.#ports.get(key);
      if (!port) {
        port = { route: portRoute, affinitySeconds: route.affinitySeconds, balancer: new Balancer(), listeners: new Map() };
        this.#ports.set(key, port);
      }
      port.route = portRoute;
      port.affinitySeconds = route.affinitySeconds;
      this.#setEndpoints(port);
      tried.push(...this.#listen(port, addressesOf(this.#key, route, portRoute, settings)));
    }
    await Promise.all(tried);
  }

  /** Withdrawn addresses changed. */
  refresh(withdrawn: ReadonlySet<string>): void {
    this.#withdrawn = withdrawn;
    for (const port of this.#ports.values()) this.#setEndpoints(port);
  }

  /** Whether some endpoint has this address. */
  uses(ip: string): boolean {
    return [...this.#ports.values()].some((port) => port.route.endpoints.some((endpoint) => endpoint.startsWith(`${ip}:`)));
  }

  /** The Service is gone: its addresses are given back. */
  remove(): void {
    for (const port of this.#ports.values()) this.#giveUp(port);
    this.#ports.clear();
  }

  /** This proxy stops listening; whoever holds the sockets keeps them for the next one. */
  close(): void {
    for (const port of this.#ports.values()) for (const listener of port.listeners.values()) listener.close();
    this.#ports.clear();
  }

  #giveUp(port: PortState): void {
    for (const [key, listener] of port.listeners) {
      this.#release(listener);
      port.listeners.delete(key);
    }
  }

  #release(listener: OpenListener): void {
    listener.close();
    const { protocol, host, port } = listener.address;
    if (protocol === 'TCP') this.#options.binder.release(host, port);
  }

  #setEndpoints(port: PortState): void {
    const all = port.route.endpoints;
    port.balancer.update(this.#withdrawn.size === 0 ? all : all.filter((endpoint) => !this.#withdrawn.has(splitEndpoint(endpoint).host)));
  }

  #listen(port: PortState, addresses: readonly ListenAddress[]): readonly Promise<void>[] {
    const wanted = new Map(addresses.map((address) => [`${address.host}:${address.port}`, address]));
    for (const [key, listener] of port.listeners) {
      if (wanted.has(key)) continue;
      this.#release(listener);
      port.listeners.delete(key);
    }
    const tried: Promise<void>[] = [];
    for (const [key, address] of wanted) {
      if (port.listeners.has(key)) continue;
      const listener = keepOpen({ address, clock: this.#options.clock, changed: this.#options.changed, open: () => this.#open(port, address) });
      port.listeners.set(key, listener);
      tried.push(listener.tried);
    }
    return tried;
  }

  #open(port: PortState, { protocol, host, port: number }: ListenAddress): Promise<{ close(): void }> {
    const { clock, binder, slots, open, waitMs, connectMs } = this.#options;
    const { balancer } = port;
    const affinity = () => (port.affinitySeconds === undefined ? {} : { affinitySeconds: port.affinitySeconds });
    if (protocol === 'UDP') {
      const allowed = (address: string) => port.route.endpoints.includes(address) && !this.#withdrawn.has(splitEndpoint(address).host);
      return openUdpForwarder({ host, port: number, balancer, clock, allowed, ...affinity() });
    }
    return openTcp({
      binder,
      host,
      port: number,
      accept: (client) => void new Connection(client, { balancer, slots, open, clock, waitMs, connectMs, ...affinity() }),
    });
  }
}

function addressesOf(service: string, route: ServiceRoute, port: PortRoute, settings: TableSettings): readonly ListenAddress[] {
  const { protocol, nodePort } = port;
  const cluster = route.clusterIP ? [{ service, kind: 'cluster' as const, protocol, host: route.clusterIP, port: listenPort(settings, port.port) }] : [];
  const node = nodePort ? settings.nodePortAddresses.map((host) => ({ service, kind: 'nodePort' as const, protocol, host, port: nodePort })) : [];
  return [...cluster, ...node];
}
