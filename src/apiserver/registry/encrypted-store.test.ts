import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../apimachinery/index.ts';
import { createMemoryStore } from '../../storage/index.ts';
import { DecryptionError, encryptedStore } from './encrypted-store.ts';

const KEY = '/core/secrets/default/s';
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'default', annotations: { last: 'cGFzc3dvcmQ=' } },
  data: { password: 'cGFzc3dvcmQ=' },
} as KubeObject;

describe('a store that encrypts secrets', () => {
  it('gives back what was stored, with its revision, and keeps nothing readable', async () => {
    const inner = createMemoryStore();
    const store = encryptedStore(inner, '/core/secrets/', Buffer.alloc(32, 1));
    const watch = store.watch('/core/secrets/');
    const made = await store.create(KEY, secret);
    const expected = { ...secret, metadata: { ...secret.metadata, resourceVersion: String(made.revision) } };
    expect(store.get(KEY)?.object).toEqual(expected);
    expect(JSON.parse(String(store.list('/core/').items[0]?.json()))).toEqual(expected);
    for await (const event of watch.events) {
      expect(event.current.object).toEqual(expected);
      break;
    }
    expect(String(inner.get(KEY)?.json())).not.toContain('cGFzc3dvcmQ=');
  });

  it('refuses what was sealed with another key or for another name', async () => {
    const inner = createMemoryStore();
    await encryptedStore(inner, '/core/secrets/', Buffer.alloc(32, 1)).create(KEY, secret);
    expect(() => encryptedStore(inner, '/core/secrets/', Buffer.alloc(32, 2)).get(KEY)).toThrow(DecryptionError);
    await inner.create('/core/secrets/default/other', inner.get(KEY)?.object as KubeObject);
    expect(() => encryptedStore(inner, '/core/secrets/', Buffer.alloc(32, 1)).get('/core/secrets/default/other')).toThrow(DecryptionError);
  });

  it('passes other kinds through, and reads what was stored before in the clear', async () => {
    const inner = createMemoryStore();
    await inner.create(KEY, secret);
    const store = encryptedStore(inner, '/core/secrets/', Buffer.alloc(32, 1));
    await store.create('/core/configmaps/default/c', { ...secret, kind: 'ConfigMap' });
    expect(store.get(KEY)?.object).toMatchObject({ data: { password: 'cGFzc3dvcmQ=' } });
    expect(String(inner.get('/core/configmaps/default/c')?.json())).toContain('cGFzc3dvcmQ=');
  });
});
