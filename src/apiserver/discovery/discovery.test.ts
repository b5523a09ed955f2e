import { expect, it } from 'vitest';
import { KINDS } from '../../kinds/index.ts';
import { testServer } from '../testing/test-server.ts';

interface Listed {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[]; readonly shortNames?: readonly string[] }[];
}

it('discovery names every kind with its subresources, in the old form and in the new one', async () => {
  const api = await testServer();
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const [core, named] = await Promise.all(['/api', '/apis'].map((path) => api.request('GET', path, undefined, { headers: { accept } })));
  expect(core?.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  const text = JSON.stringify([core?.body, named?.body]);
  for (const kind of KINDS) {
    const { resources } = (await api.ok('GET', kind.group ? `/apis/${kind.group}/${kind.version}` : '/api/v1')) as unknown as Listed;
    const names = resources.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([kind.plural, ...kind.subresources.map(({ name }) => `${kind.plural}/${name}`)]));
    expect(text).toContain(`"resource":"${kind.plural}","responseKind":{"group":"${kind.group}","version":"${kind.version}","kind":"${kind.kind}"}`);
  }
  expect(await api.ok('GET', '/apis/apps')).toMatchObject({ kind: 'APIGroup', preferredVersion: { groupVersion: 'apps/v1' } });
  expect((await api.request('GET', '/apis/none.example')).status).toBe(404);
});
