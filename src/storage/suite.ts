import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../apimachinery/index.ts';
import { CasError, CompactedError, type ObjectStore, SlowWatcherError, type StoreEvent, type StoreWatch } from './store.ts';

const thing = (name: string, value = 0): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations: { value: String(value) } } });
const key = (name: string) => `/core/configmaps/default/${name}`;
const prefix = '/core/configmaps/';
const names = (store: ObjectStore, revision?: number) =>
  store.list(prefix, revision === undefined ? {} : { revision }).items.map((item) => item.object.metadata.name);

async function take(watch: StoreWatch, count: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  if (count > 0)
    for await (const event of watch.events) {
      events.push(event);
      if (events.length === count) break;
    }
  return events;
}

/** What every store must do. `open` gives a fresh one each time. */
export function storeSuite(name: string, open: () => Promise<ObjectStore>): void {
  const using = (title: string, check: (store: ObjectStore) => Promise<void>) =>
    it(title, async () => {
      const store = await open();
      try {
        await check(store);
      } finally {
        await store.close();
      }
    });

  describe(`${name} store`, () => {
    using('a write is seen once it is acknowledged, with its revision in the object', async (store) => {
      const created = await store.create(key('a'), thing('a'));
      expect(created.object.metadata.resourceVersion).toBe(String(store.revision));
      expect(JSON.parse(store.get(key('a'))?.json().toString() ?? '')).toEqual(created.object);
      expect(Object.isFrozen(created.object.metadata)).toBe(true);
    });

    using('creating twice, updating or deleting at a wrong revision is refused with what is there', async (store) => {
      const first = await store.create(key('a'), thing('a'));
      await expect(store.create(key('a'), thing('a'))).rejects.toMatchObject({ current: first });
      await expect(store.update(key('a'), thing('a', 1), first.revision + 7)).rejects.toBeInstanceOf(CasError);
      await expect(store.delete(key('b'), 1)).rejects.toMatchObject({ current: undefined });
    });

    using('of concurrent updates from one revision exactly one wins, and the loser sees the winner', async (store) => {
      const { revision } = await store.create(key('a'), thing('a'));
      const results = await Promise.allSettled([1, 2, 3, 4].map((value) => store.update(key('a'), thing('a', value), revision)));
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
      expect((results[1] as PromiseRejectedResult).reason.current.object.metadata.annotations.value).toBe('1');
    });

    using('lists are in key order, in pages, and stay at their revision while the store moves on', async (store) => {
      for (const one of ['c', 'a', 'd', 'b']) await store.create(key(one), thing(one));
      const page = store.list(prefix, { limit: 2 });
      expect(page).toMatchObject({ more: true, remaining: 2 });
      await store.delete(key('c'), store.get(key('c'))?.revision ?? 0);
      await store.create(key('bb'), thing('bb'));
      const rest = store.list(prefix, { limit: 2, after: page.items[1]?.key ?? '', revision: page.revision });
      expect([...page.items, ...rest.items].map((item) => item.object.metadata.name)).toEqual(['a', 'b', 'c', 'd']);
      expect(names(store)).toEqual(['a', 'b', 'bb', 'd']);
      expect(store.count(prefix)).toBe(4);
    });

    using('a watch from a revision gets history first and then what comes, with previous states', async (store) => {
      const first = await store.create(key('a'), thing('a'));
      const second = await store.update(key('a'), thing('a', 2), first.revision);
      const watch = store.watch(prefix, { sinceRevision: first.revision });
      await store.delete(key('a'), second.revision);
      const events = await take(watch, 2);
      expect(events.map((event) => event.type)).toEqual(['MODIFIED', 'DELETED']);
      expect(events[1]?.previous).toBe(second);
      expect(events[1]?.current.object.metadata.resourceVersion).toBe(String(store.revision));
      expect(events[1]?.current.object.metadata.annotations?.['value']).toBe('2');
    });

    using('what was compacted is refused, for watches and for lists', async (store) => {
      const { revision } = await store.create(key('a'), thing('a'));
      await store.create(key('b'), thing('b'));
      store.compact(store.revision);
      expect(() => store.watch(prefix, { sinceRevision: revision })).toThrow(CompactedError);
      expect(() => store.list(prefix, { revision })).toThrow(CompactedError);
    });

    using('a watcher that does not read is dropped, the others are not', async (store) => {
      const slow = store.watch(prefix, { bound: 2 });
      const quick = store.watch(prefix, { bound: 10 });
      for (const one of ['a', 'b', 'c']) await store.create(key(one), thing(one));
      await expect(take(slow, 3)).rejects.toBeInstanceOf(SlowWatcherError);
      expect(await take(quick, 3)).toHaveLength(3);
    });

    it('property: whatever is written, the events of a watch rebuild the state, and old lists tell what was', async () => {
      const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), op: fc.constantFrom('create', 'update', 'delete'), value: fc.nat(9) });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const store = await open();
          const watch = store.watch('/');
          const snapshots: { revision: number; names: (string | undefined)[] }[] = [{ revision: store.revision, names: names(store) }];
          let writes = 0;
          for (const { name: one, op, value } of steps) {
            const current = store.get(key(one))?.revision ?? 0;
            const write =
              op === 'create'
                ? store.create(key(one), thing(one, value))
                : op === 'update'
                  ? store.update(key(one), thing(one, value), current)
                  : store.delete(key(one), current);
            const ok = await write.then(
              () => true,
              () => false,
            );
            expect(ok).toBe(op === 'create' ? current === 0 : current !== 0);
            if (!ok) continue;
            writes += 1;
            snapshots.push({ revision: store.revision, names: names(store) });
          }
          const rebuilt = new Map<string, KubeObject>();
          for (const event of await take(watch, writes)) {
            if (event.type === 'DELETED') rebuilt.delete(event.current.key);
            else rebuilt.set(event.current.key, event.current.object);
          }
          expect([...rebuilt.entries()].sort()).toEqual(store.list('/').items.map((item) => [item.key, item.object]));
          for (const then of snapshots) expect(names(store, then.revision)).toEqual(then.names);
          await store.close();
        }),
        { numRuns: 40 },
      );
    });
  });
}
