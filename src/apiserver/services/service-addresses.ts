import { type FieldError, internalError, invalid, type KubeObject } from '../../apimachinery/index.ts';
import type { Service, ServicePort, ServiceSpec } from '../../kinds/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { AdmissionPlugin, Admitted } from '../admission/plugin.ts';
import { type AddressRange, addressText, inRange, pickFree, staticBand } from './address-range.ts';
import { Reservations } from './reservations.ts';

/** What Services get their addresses and ports from. */
export interface ServiceRanges {
  readonly addresses: AddressRange;
  /** Addresses of the range that no Service gets (the name server's). */
  readonly reserved: readonly string[];
  readonly nodePorts: { readonly first: number; readonly last: number };
}

export const DEFAULT_NODE_PORTS = { first: 30_000, last: 32_767 };

const PREFIX = '/core/services/';
const NONE = 'None';
/** Under which key reserved addresses are shown as taken. */
const NAME_SERVER = `${PREFIX}kube-system/kube-dns`;

const specOf = (object: KubeObject | undefined): ServiceSpec | undefined => (object as Service | undefined)?.spec;
const addressesOf = (spec: ServiceSpec | undefined): readonly string[] =>
  spec?.clusterIP && spec.clusterIP !== NONE && spec.type !== 'ExternalName' ? [spec.clusterIP] : [];
const portsOf = (spec: ServiceSpec | undefined): readonly number[] => [
  ...new Set(
    [...(spec?.ports ?? []).map((port) => port.nodePort), spec?.healthCheckNodePort].filter((port): port is number => typeof port === 'number' && port > 0),
  ),
];
const wantsPorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** Gives Services their cluster addresses and node ports, each to one Service at a time; knows them again from the store after a restart. */
export function serviceAddresses(store: ObjectStore, ranges: ServiceRanges, below: (bound: number) => number): AdmissionPlugin {
  const addresses = new Reservations<string>((address, key) => addressesOf(specOf(store.get(key)?.object)).includes(address));
  const ports = new Reservations<number>((port, key) => portsOf(specOf(store.get(key)?.object)).includes(port));
  for (const { key, object } of store.list(PREFIX).items) {
    for (const address of addressesOf(specOf(object))) addresses.record(address, key);
    for (const port of portsOf(specOf(object))) ports.record(port, key);
  }

  const ownerOf = (address: string) => (ranges.reserved.includes(address) ? NAME_SERVER : addresses.ownerOf(address));

  return {
    name: 'ServiceAddresses',
    admit({ kind, operation, subresource, object, old }): Admitted {
      if (kind.group !== '' || kind.plural !== 'services' || operation === 'delete' || subresource !== '') return { object };
      const { name = '', namespace = '' } = object.metadata;
      const key = `${PREFIX}${namespace}/${name}`;
      const spec = specOf(object);
      if (!spec) return { object };
      const takenAddresses: string[] = [];
      const takenPorts: number[] = [];
      const release = () => {
        for (const address of takenAddresses) addresses.release(address);
        for (const port of takenPorts) ports.release(port);
      };
      try {
        const before = specOf(old);
        const addressed = withAddress(spec, before, key, name, takenAddresses);
        const complete = withPorts(addressed, before, key, name, takenPorts);
        if (takenAddresses.length === 0 && takenPorts.length === 0 && complete === spec) return { object };
        const done = () => {
          for (const address of takenAddresses) addresses.record(address, key);
          for (const port of takenPorts) ports.record(port, key);
          release();
        };
        return { object: complete === spec ? object : ({ ...object, spec: complete } as KubeObject), undo: release, done };
      } catch (error) {
        release();
        throw error;
      }
    },
  };

  function withAddress(spec: ServiceSpec, before: ServiceSpec | undefined, key: string, name: string, taken: string[]): ServiceSpec {
    if (spec.type === 'ExternalName' || spec.clusterIP === NONE) {
      return spec.clusterIP === NONE && !spec.clusterIPs ? { ...spec, clusterIPs: [NONE] } : spec;
    }
    const asked = spec.clusterIP || spec.clusterIPs?.[0] || '';
    if (asked === NONE) return { ...spec, clusterIP: NONE };
    if (asked !== '' && addressesOf(before).includes(asked)) return spec.clusterIPs ? spec : { ...spec, clusterIPs: [asked] };
    if (asked === '') {
      // The first address is the API server's own, also while its Service is not stored yet.
      const { last } = ranges.addresses;
      const first = ranges.addresses.first + 1;
      const isFree = (value: number) => ownerOf(addressText(value)) === undefined;
      const found = pickFree(first, last, staticBand(last - first + 1, 16, 256), isFree, below);
      if (found === undefined) throw internalError(`failed to allocate a serviceIP: range is full: all addresses of ${ranges.addresses.text} are in use`);
      const address = addressText(found);
      addresses.reserve(address, key);
      taken.push(address);
      return { ...spec, clusterIP: address, clusterIPs: [address] };
    }
    const refuse = (why: string) => refused(name, 'spec.clusterIPs', [asked], `failed to allocate IP ${asked}: ${why}`);
    if (!inRange(ranges.addresses, asked))
      throw refuse(`the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${ranges.addresses.text}`);
    const owner = ownerOf(asked);
    if (owner !== undefined && owner !== key) throw refuse(`provided IP is already allocated (by Service ${shown(owner)})`);
    addresses.reserve(asked, key);
    taken.push(asked);
    return spec.clusterIP === asked && spec.clusterIPs ? spec : { ...spec, clusterIP: asked, clusterIPs: [asked] };
  }

  function withPorts(spec: ServiceSpec, before: ServiceSpec | undefined, key: string, name: string, taken: number[]): ServiceSpec {
    const held = new Set(portsOf(before));
    const reserve = (port: number, field: string) => {
      if (held.has(port) || taken.includes(port)) return;
      const { first, last } = ranges.nodePorts;
      if (port < first || port > last) {
        throw refused(name, field, port, `provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
      }
      const owner = ports.ownerOf(port);
      if (owner !== undefined && owner !== key) throw refused(name, field, port, `provided port is already allocated (by Service ${shown(owner)})`);
      ports.reserve(port, key);
      taken.push(port);
    };
    const given = spec.ports ?? [];
    for (const [index, port] of given.entries()) if (port.nodePort) reserve(port.nodePort, `spec.ports[${index}].nodePort`);
    if (spec.healthCheckNodePort) reserve(spec.healthCheckNodePort, 'spec.healthCheckNodePort');
    if (!wantsPorts(spec) || given.every((port) => port.nodePort)) return spec;
    const next: ServicePort[] = [];
    for (const port of given) {
      // The same number for TCP and UDP of one port, as Kubernetes does.
      const twin = port.nodePort ? undefined : next.find((other) => other.port === port.port && other.protocol !== port.protocol);
      next.push(port.nodePort ? port : { ...port, nodePort: twin?.nodePort ?? freePort(key, taken) });
    }
    return { ...spec, ports: next };
  }

  function freePort(key: string, taken: number[]): number {
    const { first, last } = ranges.nodePorts;
    const found = pickFree(first, last, staticBand(last - first + 1, 32, 128), (port) => ports.ownerOf(port) === undefined, below);
    if (found === undefined) throw internalError(`failed to allocate a nodePort: range is full: all ports of ${first}-${last} are in use`);
    ports.reserve(found, key);
    taken.push(found);
    return found;
  }
}

const shown = (key: string): string => key.slice(PREFIX.length);

function refused(name: string, field: string, value: unknown, why: string): Error {
  const errors: readonly FieldError[] = [{ type: 'FieldValueInvalid', field, detail: `Invalid value: ${JSON.stringify(value)}: ${why}` }];
  return invalid('', 'Service', name, errors);
}

/** The first address of the range: the API server's own Service. */
export const firstAddress = ({ addresses }: ServiceRanges): string => addressText(addresses.first);
