import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, Status } from '../../apimachinery/index.ts';
import type { Service } from '../../kinds/index.ts';
import { createMemoryStore } from '../../storage/index.ts';
import { testServer } from '../testing/test-server.ts';

const PATH = '/api/v1/namespaces/default/services';
const MERGE = { headers: { 'content-type': 'application/merge-patch+json' } };
const service = (name: string, spec: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } }) as KubeObject;
const small = { serviceRanges: { addresses: '10.0.0.0/28', nodePorts: { first: 30000, last: 30003 } } };

describe('addresses of Services', () => {
  it('are given from the range, kept, and free again after a deletion', async () => {
    const api = await testServer(small);
    const made = (await api.ok('POST', PATH, service('a', { type: 'NodePort' }))) as Service;
    expect([made.spec?.clusterIP, made.spec?.clusterIPs, made.spec?.ports?.[0]?.nodePort]).toEqual(['10.0.0.2', ['10.0.0.2'], 30000]);
    const replaced = (await api.ok('PUT', `${PATH}/a`, service('a', { type: 'NodePort' }))) as Service;
    expect([replaced.spec?.clusterIP, replaced.spec?.ports?.[0]?.nodePort]).toEqual(['10.0.0.2', 30000]);
    await api.ok('DELETE', `${PATH}/a`);
    expect((await api.ok('POST', PATH, service('b', { clusterIP: '10.0.0.2' }))) as Service).toMatchObject({ spec: { clusterIP: '10.0.0.2' } });
  });

  it('are known again by another server on the same store', async () => {
    const store = createMemoryStore();
    const first = await testServer({ ...small, store });
    await first.ok('POST', PATH, service('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] }));
    const second = await testServer({ ...small, store });
    const { status, body } = await second.request('POST', PATH, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] }));
    expect([status, (body as Status).message]).toEqual([
      422,
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated (by Service default/a)',
    ]);
  });

  it('are given anew when the range is another one than they were given from', async () => {
    const store = createMemoryStore();
    const first = await testServer({ ...small, store });
    await first.ok('POST', PATH, service('a', { type: 'NodePort' }));
    await first.ok('POST', PATH, service('headless', { clusterIP: 'None' }));
    const second = await testServer({ serviceRanges: { addresses: '127.96.0.0/28' }, store });
    const { items } = (await second.ok('GET', PATH)) as unknown as { items: readonly Service[] };
    expect(items.map(({ metadata, spec }) => [metadata.name, spec?.clusterIP, spec?.clusterIPs])).toEqual([
      ['a', '127.96.0.2', ['127.96.0.2']],
      ['headless', 'None', ['None']],
      ['kubernetes', '127.96.0.1', ['127.96.0.1']],
    ]);
  });

  it.each([
    ['an address of another range', { clusterIP: '10.1.0.1' }, 'the provided IP (10.1.0.1) is not in the valid range. The range of valid IPs is 10.0.0.0/28'],
    ['an address that is taken', { clusterIP: '10.0.0.1' }, 'provided IP is already allocated'],
    ['a port out of range', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }, 'The range of valid ports is 30000-30003'],
  ])('are refused: %s', async (_what, spec, text) => {
    const api = await testServer(small);
    const { status, body } = await api.request('POST', PATH, service('a', spec));
    expect([status, (body as Status).message]).toEqual([422, expect.stringContaining(text)]);
  });

  it('are not used up by writes that fail or are only tried', async () => {
    const api = await testServer(small);
    for (let round = 0; round < 20; round += 1) {
      await api.request('POST', PATH, service('Not_A_Name', { type: 'NodePort' }));
      await api.ok('POST', PATH, service('tried', { type: 'NodePort' }), { query: { dryRun: 'All' } });
    }
    const made = (await api.ok('POST', PATH, service('real', { type: 'NodePort' }))) as Service;
    expect(made.spec?.clusterIP).toBe('10.0.0.2');
  });

  it('never belong to two Services, whatever is created, changed and deleted at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      name: fc.constantFrom(...names),
      what: fc.constantFrom('create', 'headless', 'nodePort', 'clusterIP', 'delete'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
        const api = await testServer(small);
        await Promise.all(
          steps.map(({ name, what }) => {
            if (what === 'delete') return api.request('DELETE', `${PATH}/${name}`);
            if (what === 'create') return api.request('POST', PATH, service(name, { type: 'NodePort' }));
            if (what === 'headless') return api.request('POST', PATH, service(name, { clusterIP: 'None' }));
            return api.request('PATCH', `${PATH}/${name}`, { spec: { type: what === 'nodePort' ? 'NodePort' : 'ClusterIP' } }, MERGE);
          }),
        );
        const { items } = (await api.ok('GET', PATH)) as unknown as { items: readonly Service[] };
        const addresses = items.map(({ spec }) => spec?.clusterIP).filter((one) => one !== 'None');
        const ports = items.flatMap(({ spec }) => (spec?.ports ?? []).map(({ nodePort }) => nodePort)).filter((one) => one !== undefined);
        expect([new Set(addresses).size, new Set(ports).size]).toEqual([addresses.length, ports.length]);
      }),
      { numRuns: 30 },
    );
  });
});
