import { deepEqual } from '../../apimachinery/index.ts';
import type { Endpoint, EndpointSlice } from '../../kinds/index.ts';
import { type EndpointGroup, groupKey } from './wanted.ts';

/** Slices hold at most so many endpoints, so that one change never sends thousands to every watcher. */
export const SLICE_LIMIT = 100;

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

interface SlicesSeen {
  /** Those that this controller manages for the service. */
  readonly existing: readonly EndpointSlice[];
  readonly groups: readonly EndpointGroup[];
  /** Labels and owner of every slice; generateName and namespace of new ones. */
  readonly metadata: EndpointSlice['metadata'];
  /** Family of the empty slice that a service without endpoints has. */
  readonly addressType: 'IPv4' | 'IPv6';
}

/** Writes, to be made in this order: no endpoint is missing from all slices in between. */
export interface SlicesPlan {
  readonly update: readonly EndpointSlice[];
  readonly create: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

const identityOf = (endpoint: Endpoint): string => `${endpoint.targetRef?.uid ?? ''} ${endpoint.addresses.join()}`;

interface Filled {
  readonly slice: EndpointSlice;
  readonly endpoints: Endpoint[];
  readonly changed: boolean;
}

/** Leaves every endpoint in the slice where it is, with its newest state; takes out what is no longer wanted. */
function keepInPlace(slice: EndpointSlice, wanted: Map<string, Endpoint>): Filled {
  let changed = false;
  const endpoints: Endpoint[] = [];
  for (const old of slice.endpoints ?? []) {
    const endpoint = wanted.get(identityOf(old));
    wanted.delete(identityOf(old));
    if (endpoint) endpoints.push(endpoint);
    changed ||= !endpoint || !deepEqual(old, endpoint);
  }
  return { slice, endpoints, changed };
}

/** Puts the rest into slices: those that change anyway first, then the fullest with room, and new ones at last. */
function place(filled: readonly Filled[], rest: Endpoint[]): { readonly filled: readonly Filled[]; readonly rest: readonly Endpoint[] } {
  const order = filled.toSorted((a, b) => Number(b.changed) - Number(a.changed) || b.endpoints.length - a.endpoints.length);
  const added = new Map<EndpointSlice, Filled>();
  for (const one of order) {
    const room = SLICE_LIMIT - one.endpoints.length;
    if (rest.length === 0 || room <= 0) continue;
    added.set(one.slice, { slice: one.slice, endpoints: [...one.endpoints, ...rest.splice(0, room)], changed: true });
  }
  return { filled: filled.map((one) => added.get(one.slice) ?? one), rest };
}

/** Labels and owner are the controller's; annotations that others add stay. */
function withMetadata(slice: EndpointSlice, metadata: EndpointSlice['metadata']): EndpointSlice {
  const labels = { ...metadata.labels };
  const same = deepEqual(slice.metadata.labels ?? {}, labels) && deepEqual(slice.metadata.ownerReferences, metadata.ownerReferences);
  if (same) return slice;
  return { ...slice, metadata: { ...slice.metadata, labels, ...(metadata.ownerReferences ? { ownerReferences: metadata.ownerReferences } : {}) } };
}

/** Decides how the slices of one service become what they should be, with as few writes as it takes. */
export function reconcile(seen: SlicesSeen): SlicesPlan {
  const plan = { update: [] as EndpointSlice[], create: [] as EndpointSlice[], delete: [] as EndpointSlice[] };
  const spare = seen.existing.filter((slice) => slice.metadata.deletionTimestamp === undefined);
  const newSlice = (group: Omit<EndpointGroup, 'endpoints'>, endpoints: readonly Endpoint[]): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: seen.metadata,
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  });
  let held = 0;
  const empty: Filled[] = [];
  for (const group of seen.groups) {
    const key = groupKey(group.addressType, group.ports);
    const mine = spare.filter((slice) => groupKey(slice.addressType, slice.ports) === key);
    for (const slice of mine) spare.splice(spare.indexOf(slice), 1);
    const wanted = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
    const kept = mine.map((slice) => keepInPlace(slice, wanted));
    const { filled, rest } = place(kept, [...wanted.values()]);
    for (const one of filled) {
      if (one.endpoints.length === 0) {
        empty.push(one);
        continue;
      }
      held++;
      const slice = withMetadata(one.slice, seen.metadata);
      if (one.changed || slice !== one.slice) plan.update.push({ ...slice, endpoints: one.endpoints });
    }
    for (let start = 0; start < rest.length; start += SLICE_LIMIT, held++) plan.create.push(newSlice(group, rest.slice(start, start + SLICE_LIMIT)));
  }
  plan.delete.push(...empty.map((one) => one.slice), ...spare);
  if (held > 0) return plan;
  // A service without endpoints keeps one empty slice, so that watchers see that it has none.
  const last = plan.delete.find((slice) => slice.addressType === seen.addressType);
  if (!last) return { ...plan, create: [newSlice({ addressType: seen.addressType, ports: [] }, [])] };
  const slice = withMetadata(last, seen.metadata);
  const changed = slice !== last || (last.endpoints?.length ?? 0) > 0;
  return { ...plan, update: changed ? [{ ...slice, endpoints: [] }] : [], delete: plan.delete.filter((one) => one !== last) };
}
