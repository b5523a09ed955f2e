import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, notFound } from '../apimachinery/index.ts';
import type { Informer, InformerHandler, ResourceClient } from '../client/index.ts';
import type { Clock } from '../std/index.ts';
import { FreshView } from './fresh-view.ts';

const INDEXES = { label: (object: KubeObject) => [object.metadata.labels?.['l'] ?? ''] };

/** A server, and an informer that shows its events only when it is told to. */
class World {
  server = new Map<string, KubeObject>();
  cache = new Map<string, KubeObject>();
  events: { readonly name: string; readonly object: KubeObject | undefined; readonly old: KubeObject | undefined }[] = [];
  handlers: InformerHandler<KubeObject>[] = [];
  nowMs = 0;
  timers: (() => void)[] = [];
  revision = 0;
  corrected: string[] = [];
  view: FreshView<KubeObject>;

  constructor() {
    const informer = {
      get: (name: string) => this.cache.get(name),
      byIndex: (_index: string, value: string) => [...this.cache.values()].filter((object) => INDEXES.label(object).includes(value)),
      subscribe: (handler: InformerHandler<KubeObject>) => {
        this.handlers.push(handler);
        return { close: () => undefined };
      },
    };
    const clock = { monotonic: () => this.nowMs, every: (_ms: number, run: () => void) => ({ close: () => undefined, ...(this.timers.push(run) && {}) }) };
    const resource = {
      get: (name: string) => {
        const found = this.server.get(name);
        return found ? Promise.resolve(found) : Promise.reject(notFound({ group: '', resource: 'pods' }, name));
      },
    };
    this.view = new FreshView({
      informer: informer as unknown as Informer<KubeObject>,
      indexes: INDEXES,
      resource: resource as unknown as ResourceClient<KubeObject>,
      clock: clock as unknown as Clock,
      corrected: (object) => this.corrected.push(object.metadata.name!),
    });
  }

  write(name: string, label: string): KubeObject {
    const old = this.server.get(name);
    const revision = ++this.revision;
    const uid = old?.metadata.uid ?? `${name}-${revision}`;
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid, resourceVersion: String(revision), labels: { l: label } } };
    this.server.set(name, object);
    this.events.push({ name, object, old });
    return object;
  }

  remove(name: string): KubeObject | undefined {
    const old = this.server.get(name);
    if (!old) return undefined;
    this.revision++;
    this.server.delete(name);
    this.events.push({ name, object: undefined, old });
    return old;
  }

  deliver(count: number): void {
    for (const { name, object, old } of this.events.splice(0, count)) {
      const cached = this.cache.get(name);
      if (object) {
        this.cache.set(name, object);
        for (const handler of this.handlers) {
          if (cached) handler.updated?.(object, cached);
          else handler.added?.(object);
        }
      } else {
        this.cache.delete(name);
        for (const handler of this.handlers) handler.deleted?.(old!);
      }
    }
  }

  /** A lost watch: the informer lists again and sees only what is there now. */
  relist(): void {
    this.events = [];
    for (const [name, cached] of [...this.cache]) {
      if (this.server.get(name)?.metadata.uid === cached.metadata.uid) continue;
      this.cache.delete(name);
      for (const handler of this.handlers) handler.deleted?.(cached);
    }
    for (const [name, object] of this.server) {
      const cached = this.cache.get(name);
      if (cached === object) continue;
      this.cache.set(name, object);
      for (const handler of this.handlers) {
        if (cached) handler.updated?.(object, cached);
        else handler.added?.(object);
      }
    }
  }
}

const action = fc.record({
  what: fc.constantFrom(
    'mine' as const,
    'mine' as const,
    'removeMine' as const,
    'theirs' as const,
    'removeTheirs' as const,
    'deliver' as const,
    'relist' as const,
  ),
  name: fc.constantFrom('a', 'b', 'c'),
  label: fc.constantFrom('x', 'y'),
  count: fc.integer({ min: 1, max: 3 }),
});

describe('FreshView, over random writes of two parties and a late informer', () => {
  it('never shows less than was written here, never shows what was removed here, and ends as the server is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const world = new World();
        const mine = new Map<string, number>();
        const removed = new Set<string>();
        for (const { what, name, label, count } of actions) {
          if (what === 'mine') {
            const object = world.write(name, label);
            mine.set(name, Number(object.metadata.resourceVersion));
            world.view.wrote(object);
          } else if (what === 'removeMine') {
            // Only what the view shows is ever removed.
            const shown = world.view.get(name)?.metadata.uid;
            const object = shown !== undefined && shown === world.server.get(name)?.metadata.uid ? world.remove(name) : undefined;
            if (object) {
              removed.add(object.metadata.uid!);
              mine.delete(name);
              world.view.removed(object);
            }
          } else if (what === 'theirs') world.write(name, label);
          else if (what === 'removeTheirs') {
            if (world.remove(name)) mine.delete(name);
          } else if (what === 'deliver') world.deliver(count);
          else world.relist();
          for (const one of ['a', 'b', 'c']) {
            const shown = world.view.get(one);
            if (mine.has(one)) expect(Number(shown?.metadata.resourceVersion)).toBeGreaterThanOrEqual(mine.get(one)!);
            if (shown) expect(removed.has(shown.metadata.uid!)).toBe(false);
            const listed = ['x', 'y'].flatMap((value) => world.view.byIndex('label', value)).filter((object) => object.metadata.name === one);
            expect(listed).toEqual(shown ? [shown] : []);
          }
        }
        world.deliver(999);
        world.nowMs += 60_000;
        for (const run of world.timers) run();
        await new Promise((resolve) => setImmediate(resolve));
        for (const one of ['a', 'b', 'c']) expect(world.view.get(one)).toEqual(world.server.get(one));
      }),
      { numRuns: 2000 },
    );
  });
});
