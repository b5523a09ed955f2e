import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../apimachinery/index.ts';
import { createMemoryStore, openDiskStore } from './index.ts';
import { storeSuite } from './suite.ts';

const directories: string[] = [];
const fresh = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'drover-store-'));
  directories.push(directory);
  return directory;
};
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

storeSuite('memory', () => Promise.resolve(createMemoryStore()));
storeSuite('disk', async () => openDiskStore({ directory: await fresh() }));
storeSuite('disk (snapshot after every few writes)', async () => openDiskStore({ directory: await fresh(), snapshotAfterBytes: 400 }));

const thing = (name: string, text = ''): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations: { text } } });
const key = (name: string) => `/core/configmaps/default/${name}`;
const contents = (store: { list(prefix: string): { items: readonly { key: string; object: KubeObject }[] } }) =>
  store.list('/').items.map((item) => item.object);

describe('the disk store', () => {
  it('holds after reopening what it held before, with history to watch from', async () => {
    const directory = await fresh();
    const first = await openDiskStore({ directory });
    const a = await first.create(key('a'), thing('a'));
    await first.create(key('b'), thing('b'));
    await first.delete(key('b'), first.get(key('b'))?.revision ?? 0);
    await first.close();
    const second = await openDiskStore({ directory });
    expect(contents(second)).toEqual([a.object]);
    expect(second.revision).toBe(a.revision + 2);
    const watch = second.watch('/', { sinceRevision: a.revision });
    const types: string[] = [];
    for await (const event of watch.events) if (types.push(event.type) === 2) break;
    expect(types).toEqual(['ADDED', 'DELETED']);
    await second.close();
  });

  it('is refused to a second opener while it is open', async () => {
    const directory = await fresh();
    const store = await openDiskStore({ directory });
    await expect(openDiskStore({ directory })).rejects.toMatchObject({ code: 'ERR_STATE_LOCKED' });
    await store.close();
    await (await openDiskStore({ directory })).close();
  });

  it('property: cut or corrupted at any byte, it opens at a revision that once was, says so, and keeps everything before the damage', async () => {
    const directory = await fresh();
    const store = await openDiskStore({ directory });
    const states = new Map<number, readonly KubeObject[]>([[1, []]]);
    for (let index = 0; index < 12; index += 1) {
      await store.create(key(`k${index}`), thing(`k${index}`, 'x'.repeat(index * 7)));
      states.set(store.revision, contents(store));
    }
    await store.close();
    const [log = ''] = (await readdir(directory)).filter((name) => name.startsWith('log-'));
    const whole = await readFile(join(directory, log));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.boolean(), async (at, cut) => {
        const copy = await fresh();
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
        await writeFile(join(copy, log), cut ? whole.subarray(0, at) : damaged);
        const problems: string[] = [];
        const opened = await openDiskStore({ directory: copy, onProblem: (message) => problems.push(message) });
        expect(states.get(opened.revision)).toEqual(contents(opened));
        const boundary = [...states.keys()].length === 13 && cut && problems.length === 0;
        expect(problems.length > 0 || boundary).toBe(true);
        // Goes on from there, and what is written now survives.
        await opened.create(key('later'), thing('later'));
        const after = contents(opened);
        await opened.close();
        const again = await openDiskStore({ directory: copy });
        expect(contents(again)).toEqual(after);
        await again.close();
      }),
      { numRuns: 60 },
    );
  });

  it('falls back to the snapshot before a damaged one without losing a write', async () => {
    const directory = await fresh();
    const store = await openDiskStore({ directory, snapshotAfterBytes: 600 });
    for (let index = 0; index < 60; index += 1) await store.create(key(`k${index}`), thing(`k${index}`, 'y'.repeat(50)));
    const before = contents(store);
    await store.close();
    const newest =
      (await readdir(directory))
        .filter((name) => name.startsWith('snapshot-'))
        .sort()
        .at(-1) ?? '';
    const handle = await open(join(directory, newest), 'r+');
    await handle.write(Buffer.from('garbage'), 0, 7, 200);
    await handle.close();
    const problems: string[] = [];
    const again = await openDiskStore({ directory, onProblem: (message) => problems.push(message) });
    expect(problems).toHaveLength(1);
    expect(contents(again)).toEqual(before);
    await again.close();
  });
});
