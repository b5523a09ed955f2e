import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '../../apimachinery/index.ts';
import { configMap, type TestServer, testServer } from '../testing/test-server.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const told = (events: readonly WatchEvent[]) => events.map(({ type, object }) => [type, (object as KubeObject).metadata.name]);

describe('watches', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await testServer();
  });
  const merge = (name: string, body: object) => api.ok('PATCH', `${PATH}/${name}`, body, { headers: { 'content-type': 'application/merge-patch+json' } });

  it('begin with what there is when no revision is given', async () => {
    await api.ok('POST', PATH, configMap('a'));
    const seen = api.events(PATH, {}, 2);
    await api.ok('POST', PATH, configMap('b'));
    expect(told(await seen)).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ]);
  });

  it('replay history from a revision, and all watchers get the very same objects', async () => {
    const { resourceVersion = '' } = (await api.ok('GET', PATH)).metadata;
    await api.ok('POST', PATH, configMap('a'));
    await merge('a', { data: { k: 'v' } });
    await api.ok('DELETE', `${PATH}/a`);
    const [one, two] = await Promise.all([api.events(PATH, { resourceVersion }, 3), api.events(PATH, { resourceVersion }, 3)]);
    expect(told(one)).toEqual([
      ['ADDED', 'a'],
      ['MODIFIED', 'a'],
      ['DELETED', 'a'],
    ]);
    expect(one.every((event, index) => event === two[index])).toBe(true);
  });

  it('show objects coming into and going out of a selection as added and deleted', async () => {
    const { resourceVersion = '' } = (await api.ok('GET', PATH)).metadata;
    await api.ok('POST', PATH, configMap('a'));
    await merge('a', { metadata: { labels: { in: 'yes' } } });
    await merge('a', { data: { k: '1' } });
    const last = await merge('a', { metadata: { labels: { in: 'no' } } });
    const seen = await api.events(PATH, { resourceVersion, labelSelector: 'in=yes' }, 3);
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect((seen[2]!.object as KubeObject).metadata).toMatchObject({ resourceVersion: last.metadata.resourceVersion, labels: { in: 'yes' } });
  });

  it('end what there is with a bookmark for clients that stream their lists', async () => {
    await api.ok('POST', PATH, configMap('a'));
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
    const events = await api.events(PATH, query, 2);
    expect(told(events)).toEqual([
      ['ADDED', 'a'],
      ['BOOKMARK', undefined],
    ]);
    expect((events[1]!.object as KubeObject).metadata).toMatchObject({
      resourceVersion: String(api.store.revision),
      annotations: { 'k8s.io/initial-events-end': 'true' },
    });
  });

  it('tell the current revision now and then, also when other kinds changed', async () => {
    const { resourceVersion = '' } = (await api.ok('GET', PATH)).metadata;
    const seen = api.events(PATH, { resourceVersion, allowWatchBookmarks: 'true' }, 1);
    await api.ok('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    api.clock.advance(60_000);
    const [bookmark] = await seen;
    expect([bookmark?.type, (bookmark!.object as KubeObject).metadata.resourceVersion]).toEqual(['BOOKMARK', String(api.store.revision)]);
  });

  it('answer a revision that history no longer holds with an ERROR event of 410', async () => {
    await api.ok('POST', PATH, configMap('a'));
    await merge('a', { data: { k: 'v' } });
    api.store.compact(api.store.revision);
    const [error] = await api.events(PATH, { resourceVersion: '1' }, 1);
    expect(error).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: expect.stringContaining('too old resource version: 1') } });
  });

  it('end by themselves when their time is over', async () => {
    const events = api.transport.watch({ method: 'GET', path: PATH, query: { timeoutSeconds: '5' } })[Symbol.asyncIterator]();
    const next = events.next();
    await new Promise((resolve) => setImmediate(resolve));
    api.clock.advance(5_000);
    expect((await next).done).toBe(true);
  });
});
