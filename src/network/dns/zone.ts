import type { Answer } from 'dns-packet';
import { addressOfReverseName, contains, parseCidr, parseIPv4 } from '../address.ts';
import type { HostRecord, RoutingTable, ServiceRoute } from '../table/route.ts';
import { splitEndpoint } from '../table/route.ts';

/** Seconds that an answer may be kept by who asked. */
export const TTL_SECONDS = 5;

/** What names are made of: the routing table and the addresses taken out of it. */
export interface ZoneView {
  readonly table: RoutingTable;
  readonly withdrawn: ReadonlySet<string>;
}

/** What the zone says of a name. `alias` is a name (of an ExternalName Service) whose addresses the caller has to add. */
export interface ZoneAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly answers: readonly Answer[];
  readonly additionals: readonly Answer[];
  readonly alias?: string;
}

const NODATA: ZoneAnswer = { rcode: 'NOERROR', answers: [], additionals: [] };
const NXDOMAIN: ZoneAnswer = { rcode: 'NXDOMAIN', answers: [], additionals: [] };

const record = (name: string, ip: string): Answer => ({ name, type: 'A', ttl: TTL_SECONDS, data: ip });
const wantsAddress = (type: string): boolean => type === 'A' || type === 'ANY';
const found = (answers: readonly Answer[], additionals: readonly Answer[] = []): ZoneAnswer => ({ rcode: 'NOERROR', answers, additionals });
const dashed = (ip: string): string => ip.replaceAll('.', '-');
const labelOf = (host: HostRecord): string => host.hostname ?? dashed(host.ip);

/** Answers for names of the cluster's zone and for reverse names of its ranges; undefined when the name belongs to somebody else. */
export function lookUp(view: ZoneView, asked: string, type: string): ZoneAnswer | undefined {
  const name = asked.toLowerCase();
  const { settings } = view.table;
  const reverse = addressOfReverseName(name);
  if (reverse !== undefined) {
    const ours = contains(parseCidr(settings.podCidr), reverse) || contains(parseCidr(settings.serviceCidr), reverse);
    return ours ? reverseAnswer(view, asked, type, reverse) : undefined;
  }
  if (name === settings.domain) return NODATA;
  if (!name.endsWith(`.${settings.domain}`)) return undefined;
  const labels = name.slice(0, -settings.domain.length - 1).split('.');
  const branch = labels.pop();
  if (branch === 'svc') return serviceBranch(view, { asked, type, labels });
  if (branch === 'pod') return podBranch(view, { asked, type, labels });
  if (branch === 'dns-version' && labels.length === 0) return type === 'TXT' ? found([{ name: asked, type: 'TXT', ttl: TTL_SECONDS, data: '1.1.0' }]) : NODATA;
  return NXDOMAIN;
}

interface Asked {
  readonly asked: string;
  readonly type: string;
  readonly labels: readonly string[];
}

function serviceBranch(view: ZoneView, { asked, type, labels }: Asked): ZoneAnswer {
  const namespace = labels.at(-1);
  if (namespace === undefined) return NODATA;
  if (labels.length === 1) return namespacesOf(view.table).has(namespace) ? NODATA : NXDOMAIN;
  const route = view.table.services.get(`${namespace}/${labels.at(-2)}`);
  if (!route) return NXDOMAIN;
  if (route.type === 'external') {
    if (labels.length > 2 || !route.externalName) return NXDOMAIN;
    return { ...found([{ name: asked, type: 'CNAME', ttl: TTL_SECONDS, data: route.externalName }]), alias: route.externalName };
  }
  const hosts = route.hosts.filter((host) => !view.withdrawn.has(host.ip));
  if (labels.length === 2) {
    if (route.clusterIP) return wantsAddress(type) ? found([record(asked, route.clusterIP)]) : NODATA;
    // A headless Service without ready pods still exists: no addresses, not "no such name".
    return wantsAddress(type) ? found(hosts.map((host) => record(asked, host.ip))) : NODATA;
  }
  if (labels.length === 3) {
    const label = labels[0] as string;
    if (label === '_tcp' || label === '_udp') return route.ports.some((port) => port.name && `_${port.protocol.toLowerCase()}` === label) ? NODATA : NXDOMAIN;
    const named = hosts.filter((host) => labelOf(host) === label);
    if (named.length === 0) return NXDOMAIN;
    return wantsAddress(type) ? found(named.map((host) => record(asked, host.ip))) : NODATA;
  }
  return labels.length === 4 ? portAnswer(view, { asked, type, labels }, route, hosts) : NXDOMAIN;
}

/** `_http._tcp.web.default.svc.cluster.local` */
function portAnswer(view: ZoneView, { asked, type, labels }: Asked, route: ServiceRoute, hosts: readonly HostRecord[]): ZoneAnswer {
  const port = route.ports.find((one) => one.name && `_${one.name}` === labels[0] && `_${one.protocol.toLowerCase()}` === labels[1]);
  if (!port) return NXDOMAIN;
  if (type !== 'SRV' && type !== 'ANY') return NODATA;
  const base = `${route.name}.${route.namespace}.svc.${view.table.settings.domain}`;
  const service = (target: string, number: number, weight: number): Answer => ({
    name: asked,
    type: 'SRV',
    ttl: TTL_SECONDS,
    data: { priority: 0, weight, port: number, target },
  });
  if (route.clusterIP) return found([service(base, port.port, 100)], [record(base, route.clusterIP)]);
  const targets = port.endpoints.flatMap((endpoint) => {
    const { host: ip, port: number } = splitEndpoint(endpoint);
    const host = hosts.find((one) => one.ip === ip);
    return host ? [{ name: `${labelOf(host)}.${base}`, ip, number }] : [];
  });
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
  return found(
    targets.map((target) => service(target.name, target.number, weight)),
    targets.map((target) => record(target.name, target.ip)),
  );
}

/** `10-244-0-3.default.pod.cluster.local`: the address is in the name itself. */
function podBranch(view: ZoneView, { asked, type, labels }: Asked): ZoneAnswer {
  if (labels.length <= 1) return NODATA;
  const ip = labels[0]?.replaceAll('-', '.') ?? '';
  if (labels.length !== 2 || parseIPv4(ip) === undefined || !contains(parseCidr(view.table.settings.podCidr), ip)) return NXDOMAIN;
  return wantsAddress(type) ? found([record(asked, ip)]) : NODATA;
}

function reverseAnswer(view: ZoneView, asked: string, type: string, ip: string): ZoneAnswer {
  const names = reverseNames(view.table).get(ip);
  if (!names) return NXDOMAIN;
  return type === 'PTR' || type === 'ANY' ? found(names.map((name) => ({ name: asked, type: 'PTR', ttl: TTL_SECONDS, data: name }))) : NODATA;
}

// Indexes are made when first asked for and live as long as their table; every change makes a new table.
const namespaceIndex = new WeakMap<RoutingTable, ReadonlySet<string>>();
const reverseIndex = new WeakMap<RoutingTable, ReadonlyMap<string, readonly string[]>>();

function namespacesOf(table: RoutingTable): ReadonlySet<string> {
  const known = namespaceIndex.get(table) ?? new Set([...table.services.values()].map((route) => route.namespace));
  namespaceIndex.set(table, known);
  return known;
}

function reverseNames(table: RoutingTable): ReadonlyMap<string, readonly string[]> {
  const known = reverseIndex.get(table);
  if (known) return known;
  const names = new Map<string, string[]>();
  const add = (ip: string, name: string) => names.set(ip, [...(names.get(ip) ?? []), name]);
  for (const route of table.services.values()) {
    const base = `${route.name}.${route.namespace}.svc.${table.settings.domain}`;
    if (route.clusterIP) add(route.clusterIP, base);
    for (const host of route.hosts) add(host.ip, `${labelOf(host)}.${base}`);
  }
  reverseIndex.set(table, names);
  return names;
}
