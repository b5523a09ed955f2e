import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../kinds/index.ts';
import { reconcile, SLICE_LIMIT, type SlicesPlan } from './reconcile.ts';
import { type EndpointGroup, groupKey } from './wanted.ts';

const metadata = { generateName: 's-', namespace: 'n', labels: { 'kubernetes.io/service-name': 's' } };

const endpoint = (index: number, ready: boolean): Endpoint => ({
  addresses: [`10.0.${index >> 8}.${index & 255}`],
  conditions: { ready },
  targetRef: { uid: `u${index}` },
});

const groups = fc
  .array(fc.uniqueArray(fc.record({ index: fc.nat(600), ready: fc.boolean() }), { selector: (one) => one.index, maxLength: 350, size: 'max' }), {
    maxLength: 2,
  })
  .map((lists) =>
    lists
      .map(
        (list, port): EndpointGroup => ({
          addressType: 'IPv4',
          ports: [{ name: 'p', port: 80 + port, protocol: 'TCP' }],
          endpoints: list.map((one) => endpoint(one.index, one.ready)),
        }),
      )
      .filter((group) => group.endpoints.length > 0),
  );

let serial = 0;

function apply(existing: readonly EndpointSlice[], plan: SlicesPlan, writes: number): readonly EndpointSlice[] {
  const slices = new Map(existing.map((slice) => [slice.metadata.name!, slice]));
  const all = [
    ...plan.update.map((slice) => () => slices.set(slice.metadata.name!, slice)),
    ...plan.create.map((slice) => () => {
      const name = `s-${serial++}`;
      slices.set(name, { ...slice, metadata: { ...slice.metadata, name } });
    }),
    ...plan.delete.map((slice) => () => slices.delete(slice.metadata.name!)),
  ];
  for (const write of all.slice(0, writes)) write();
  return [...slices.values()];
}

const listed = (slices: readonly EndpointSlice[]): readonly string[] =>
  slices
    .flatMap((slice) => (slice.endpoints ?? []).map((one) => `${groupKey(slice.addressType, slice.ports)} ${one.addresses[0]} ${one.conditions?.ready}`))
    .sort();

const wanted = (all: readonly EndpointGroup[]): readonly string[] =>
  all.flatMap((group) => group.endpoints.map((one) => `${groupKey(group.addressType, group.ports)} ${one.addresses[0]} ${one.conditions?.ready}`)).sort();

describe('EndpointSlices, over random changes and crashes between writes', () => {
  it('hold every endpoint once, at most a hundred each, and rest when nothing changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(groups, fc.constantFrom(0, 1, 2, 99, 99)), { minLength: 1, maxLength: 5 }), (history) => {
        let slices: readonly EndpointSlice[] = [];
        for (const [now, writes] of history) slices = apply(slices, reconcile({ existing: slices, groups: now, metadata, addressType: 'IPv4' }), writes);
        const last = history.at(-1)![0];
        slices = apply(slices, reconcile({ existing: slices, groups: last, metadata, addressType: 'IPv4' }), 999);
        expect(listed(slices)).toEqual(wanted(last));
        for (const slice of slices) expect(slice.endpoints!.length).toBeLessThanOrEqual(SLICE_LIMIT);
        expect(slices.length).toBeGreaterThan(0);
        if (last.length > 0) expect(slices.every((slice) => slice.endpoints!.length > 0)).toBe(true);
        expect(reconcile({ existing: slices, groups: last, metadata, addressType: 'IPv4' })).toEqual({ update: [], create: [], delete: [] });
      }),
      { numRuns: 150 },
    );
  });

  it('one endpoint that changes costs one write', () => {
    const group = (ready: boolean): EndpointGroup => ({
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: Array.from({ length: 250 }, (_, index) => endpoint(index, index !== 120 || ready)),
    });
    const slices = apply([], reconcile({ existing: [], groups: [group(true)], metadata, addressType: 'IPv4' }), 999);
    const plan = reconcile({ existing: slices, groups: [group(false)], metadata, addressType: 'IPv4' });
    expect([plan.update.length, plan.create.length, plan.delete.length]).toEqual([1, 0, 0]);
  });
});
