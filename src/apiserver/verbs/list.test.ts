import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeList } from '../../apimachinery/index.ts';
import { configMap, type TestServer, testServer } from '../testing/test-server.ts';

const PATH = '/api/v1/namespaces/default/configmaps';

describe('lists', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await testServer();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await api.ok('POST', PATH, configMap(name, {}, { odd: String('ace'.includes(name)) }));
  });
  const list = async (query: string) => (await api.ok('GET', `${PATH}?${query}`)) as unknown as KubeList;
  const names = (page: KubeList) => page.items.map(({ metadata }) => metadata.name);

  it('come in pages of one snapshot, however the objects change between them', async () => {
    const first = await list('limit=2');
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a', 'b'], 3]);
    await api.ok('DELETE', `${PATH}/c`);
    await api.ok('POST', PATH, configMap('bb'));
    const second = await list(`limit=2&continue=${first.metadata.continue}`);
    expect([names(second), second.metadata.resourceVersion]).toEqual([['c', 'd'], first.metadata.resourceVersion]);
    const third = await list(`limit=2&continue=${second.metadata.continue}`);
    expect([names(third), third.metadata.continue]).toEqual([['e'], undefined]);
  });

  it('page through selected objects without a remaining count', async () => {
    const first = await list('limit=2&labelSelector=odd=true');
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a', 'c'], undefined]);
    const second = await list(`limit=2&labelSelector=odd=true&continue=${first.metadata.continue}`);
    expect([names(second), second.metadata.continue]).toEqual([['e'], undefined]);
  });

  it('answer 410 with a token that goes on without the snapshot once that is gone', async () => {
    const first = await list('limit=2');
    await api.ok('DELETE', `${PATH}/c`);
    api.store.compact(api.store.revision);
    const refused = await api.request('GET', `${PATH}?limit=2&continue=${first.metadata.continue}`);
    const status = refused.body as { reason: string; metadata: { continue: string } };
    expect([refused.status, status.reason]).toEqual([410, 'Expired']);
    expect(names(await list(`limit=2&continue=${status.metadata.continue}`))).toEqual(['d', 'e']);
  });

  it('can be of an exact revision of the past', async () => {
    const { resourceVersion = '' } = (await list('')).metadata;
    await api.ok('DELETE', `${PATH}/a`);
    expect(names(await list(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names(await list(`resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`))).toEqual(['b', 'c', 'd', 'e']);
  });

  it.each([
    ['resourceVersion=999999', 504, 'Timeout: Too large resource version: 999999'],
    ['resourceVersion=x', 400, 'strconv.ParseUint'],
    ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    ['continue=zzz', 400, 'continue key is not valid'],
    ['labelSelector=a%20in%20(', 400, 'unable to parse requirement'],
    ['fieldSelector=spec.x=1', 400, 'field label not supported: spec.x'],
  ])('refuse %s with %i', async (query, code, text) => {
    const { status, body } = await api.request('GET', `${PATH}?${query}`);
    expect([status, (body as { message: string }).message]).toEqual([code, expect.stringContaining(text)]);
  });
});
