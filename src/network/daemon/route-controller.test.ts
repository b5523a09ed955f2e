import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Informer, InformerHandler } from '../../client/index.ts';
import type { EndpointSlice, Service } from '../../kinds/index.ts';
import { type Clock, systemClock } from '../../std/index.ts';
import type { ServiceRoute } from '../table/route.ts';
import { serviceRoute } from '../table/service-route.ts';
import { servicesOfSlice, startRouteController } from './route-controller.ts';

/** An informer over objects of one namespace that a test changes. */
function informerOf<T extends Service | EndpointSlice>(index: (object: T) => readonly string[]) {
  const objects = new Map<string, T>();
  let handler: InformerHandler<T> = {};
  const informer: Informer<T> = {
    hasSynced: true,
    synced: async () => undefined,
    get: (name) => objects.get(name),
    list: () => [...objects.values()],
    byIndex: (_index, value) => [...objects.values()].filter((object) => index(object).includes(value)),
    subscribe: (given) => {
      handler = given;
      for (const object of objects.values()) given.added?.(object);
      return { close: () => undefined };
    },
  };
  return {
    informer,
    objects,
    put(object: T) {
      const name = object.metadata.name ?? '';
      const old = objects.get(name);
      objects.set(name, object);
      if (old) handler.updated?.(object, old);
      else handler.added?.(object);
    },
    remove(name: string) {
      const old = objects.get(name);
      objects.delete(name);
      if (old) handler.deleted?.(old);
    },
  };
}

/** A clock whose timers run when told. */
function heldClock() {
  const due = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(_delayMs, run) {
      due.add(run);
      return { close: () => void due.delete(run) };
    },
  };
  return {
    clock,
    run() {
      for (const one of [...due]) {
        due.delete(one);
        one();
      }
    },
  };
}

const service = (name: string, port: number): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP: `10.96.0.${name.length}`, ports: [{ port }] },
});
const slice = (name: string, of: string, ip: number): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [`10.244.0.${ip}`] }],
  ports: [{ port: 3000 }],
});

const name = fc.constantFrom('a', 'bb', 'ccc');
const step = fc.oneof(
  fc.record({ do: fc.constant('service' as const), name, port: fc.integer({ min: 80, max: 82 }) }),
  fc.record({ do: fc.constant('slice' as const), name: fc.constantFrom('s1', 's2', 's3'), of: name, ip: fc.integer({ min: 2, max: 4 }) }),
  fc.record({ do: fc.constant('no-service' as const), name }),
  fc.record({ do: fc.constant('no-slice' as const), name: fc.constantFrom('s1', 's2', 's3') }),
  fc.record({ do: fc.constant('time' as const) }),
);

describe('the route controller', () => {
  it('tells changes that lead, one after the other, to the table that Services and slices make', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const services = informerOf<Service>(() => []);
        const slices = informerOf<EndpointSlice>(servicesOfSlice);
        const time = heldClock();
        const told = new Map<string, ServiceRoute>();
        const controller = startRouteController({
          services: services.informer,
          slices: slices.informer,
          clock: time.clock,
          fixed: new Map(),
          signal: new AbortController().signal,
          changed(set, removed) {
            for (const route of set) {
              expect(told.get(`shop/${route.name}`)).not.toEqual(route);
              told.set(`shop/${route.name}`, route);
            }
            for (const key of removed) expect(told.delete(key)).toBe(true);
          },
        });
        await controller.synced;
        for (const one of steps) {
          if (one.do === 'service') services.put(service(one.name, one.port));
          else if (one.do === 'slice') slices.put(slice(one.name, one.of, one.ip));
          else if (one.do === 'no-service') services.remove(one.name);
          else if (one.do === 'no-slice') slices.remove(one.name);
          else time.run();
        }
        time.run();
        const expected = new Map<string, ServiceRoute>();
        for (const object of services.objects.values()) {
          const route = serviceRoute(object, slices.informer.byIndex('', `shop/${object.metadata.name}`));
          if (route) expected.set(`shop/${route.name}`, route);
        }
        expect(told).toEqual(expected);
        expect(new Map(controller.routes)).toEqual(expected);
        await controller.close();
      }),
      { numRuns: 200 },
    );
  });
});
