import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../apimachinery/index.ts';
import type { KindDefinition } from '../kinds/index.ts';
import { createApiClient } from './api-client.ts';
import { createInformers } from './informer-factory.ts';
import { ManualClock, settled } from './manual-clock.ts';
import { ModelServer } from './model-server.ts';

const configMaps = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
} as KindDefinition<KubeObject>;

function setUp(server: ModelServer) {
  const clock = new ManualClock();
  const client = createApiClient(server, { clock });
  const errors: unknown[] = [];
  const informers = createInformers(client, { clock, random: () => 0.5, onError: (_kind, error) => errors.push(error) });
  return { clock, informers, errors };
}

/** Subscribes a handler that checks each event against what it was told before, and fails on any that makes no sense. */
function consistentMirror(informer: ReturnType<ReturnType<typeof createInformers>['informer']>) {
  const mirror = new Map<string, KubeObject>();
  const faults: string[] = [];
  const name = (object: KubeObject): string => object.metadata.name ?? '';
  informer.subscribe({
    added: (object) => {
      if (mirror.has(name(object))) faults.push(`${name(object)} added twice`);
      mirror.set(name(object), object);
    },
    updated: (object, old) => {
      if (mirror.get(name(object)) !== old) faults.push(`${name(object)} updated from something else`);
      if (old.metadata.uid !== object.metadata.uid) faults.push(`${name(object)} changed its uid`);
      if (Number(object.metadata.resourceVersion) <= Number(old.metadata.resourceVersion)) faults.push(`${name(object)} went back`);
      mirror.set(name(object), object);
    },
    deleted: (object) => {
      if (mirror.get(name(object))?.metadata.uid !== object.metadata.uid) faults.push(`${name(object)} deleted without being there`);
      mirror.delete(name(object));
    },
  });
  return { mirror, faults };
}

const plain = (objects: Iterable<KubeObject>): unknown =>
  [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();

test('an informer lists in pages of 500 and is synced after the last', async () => {
  const server = new ModelServer();
  for (let i = 0; i < 1_201; i++) server.put(`o${i}`, 'u');
  const { informers } = setUp(server);
  const informer = informers.informer(configMaps);
  await informer.synced();
  expect([informer.list().length, informer.list('default').length, informer.list('other').length, server.lists]).toEqual([1_201, 1_201, 0, 3]);
  expect(Object.isFrozen(informer.get('o1', 'default')?.metadata)).toBe(true);
  await informers.close();
});

test('a late subscriber is told of existing objects, and indexes given late find them', async () => {
  const server = new ModelServer();
  server.put('a', 'u1');
  const { informers } = setUp(server);
  await informers.informer(configMaps).synced();
  const byUid = (object: KubeObject): readonly string[] => [object.metadata.uid ?? ''];
  const informer = informers.informer(configMaps, { uid: byUid });
  const { mirror } = consistentMirror(informer);
  expect([...mirror.keys()]).toEqual(['a']);
  expect(informer.byIndex('uid', 'u1').length).toBe(1);
  server.remove('a');
  await settled();
  expect(informer.byIndex('uid', 'u1').length).toBe(0);
  expect(() => informers.informer(configMaps, { uid: () => [] })).toThrow('index "uid"');
  await informers.close();
});

test('a fresh list whose watch is refused with 410 again and again does not spin', async () => {
  const server = new ModelServer();
  const { clock, informers } = setUp(server);
  server.watch = async function* () {
    yield { type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', metadata: {}, code: 410, reason: 'Expired' } };
  };
  await informers.informer(configMaps).synced();
  await clock.advance(10_000);
  expect(server.lists).toBeLessThan(12);
  await informers.close();
});

test('closing ends the watch and leaves no timer', async () => {
  const server = new ModelServer();
  const { clock, informers } = setUp(server);
  await informers.informer(configMaps).synced();
  server.reachable = false;
  server.disconnect('broken');
  await settled();
  await informers.close();
  expect(clock.pendingTimers).toBe(0);
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.constantFrom('a', 'b', 'c', 'd'), uid: fc.constantFrom('1', '2') }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 2, arbitrary: fc.record({ disconnect: fc.constantFrom('ended' as const, 'broken' as const, 'gone' as const) }) },
  { weight: 1, arbitrary: fc.record({ compact: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ reachable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 500 }) }) },
);

test('whatever breaks, an informer ends equal to the server, and its handlers saw a consistent history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const server = new ModelServer();
      server.put('a', '1');
      const { clock, informers } = setUp(server);
      const informer = informers.informer(configMaps);
      const { mirror, faults } = consistentMirror(informer);
      for (const one of steps) {
        if ('put' in one) server.put(one.put, one.uid);
        else if ('remove' in one) server.remove(one.remove);
        else if ('disconnect' in one) server.disconnect(one.disconnect);
        else if ('compact' in one) server.compact();
        else if ('reachable' in one) {
          server.reachable = one.reachable;
          if (!one.reachable) server.disconnect('broken');
        } else await clock.advance(one.waitMs);
      }
      server.reachable = true;
      await clock.advance(120_000);
      expect(faults).toEqual([]);
      expect(plain(informer.list())).toEqual(plain(server.objects.values()));
      expect(plain(mirror.values())).toEqual(plain(server.objects.values()));
      await informers.close();
    }),
    { numRuns: 60 },
  );
});
