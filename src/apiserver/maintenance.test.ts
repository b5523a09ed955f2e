import { expect, it } from 'vitest';
import type { KubeObject } from '../apimachinery/index.ts';
import { testServer } from './testing/test-server.ts';

const event = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Started',
    message: 'm',
    type: 'Normal',
  }) as KubeObject;
const PATH = '/api/v1/namespaces/default/events';

it('events live for an hour after they were last written, in both groups', async () => {
  const api = await testServer();
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      api.clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const names = async () =>
    ((await api.ok('GET', '/apis/events.k8s.io/v1/events')) as unknown as { items: readonly KubeObject[] }).items.map(({ metadata }) => metadata.name);
  await api.ok('POST', PATH, event('old'));
  await api.ok('POST', PATH, event('kept'));
  await minutes(40);
  await api.ok('PATCH', `${PATH}/kept`, { count: 2 }, { headers: { 'content-type': 'application/merge-patch+json' } });
  await minutes(25);
  expect(await names()).toEqual(['kept']);
  await minutes(40);
  expect(await names()).toEqual([]);
  await api.server.close();
});

it('history older than five minutes is forgotten', async () => {
  const api = await testServer();
  api.clock.advance(5 * 60_000);
  await api.ok('POST', PATH, event('a'));
  api.clock.advance(5 * 60_000);
  expect(() => api.store.watch('/core/', { sinceRevision: 1 })).toThrow('too old resource version');
  await api.server.close();
});
