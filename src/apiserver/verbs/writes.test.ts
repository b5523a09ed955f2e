import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, Status } from '../../apimachinery/index.ts';
import { createMemoryStore, StoreUnavailableError } from '../../storage/index.ts';
import { configMap, pod, type TestServer, testServer } from '../testing/test-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = { headers: { 'content-type': 'application/merge-patch+json' } };

describe('writes', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await testServer();
  });
  const refusal = async (...args: Parameters<TestServer['request']>) => {
    const { status, body } = await api.request(...args);
    const { reason, message } = body as Status;
    return { status, reason, message };
  };

  it('give a new object its system metadata and its owner', async () => {
    const { metadata } = await api.ok('POST', MAPS, configMap('a', { k: 'v' }), { query: { fieldManager: 'me' } });
    expect(metadata).toMatchObject({
      uid: expect.stringMatching(/^0{8}-/),
      creationTimestamp: '2026-01-02T03:04:05Z',
      resourceVersion: String(api.store.revision),
      managedFields: [{ manager: 'me', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } } }],
    });
  });

  it('generate names, and try another when one is taken', async () => {
    const { name, ...rest } = configMap('').metadata;
    expect(name).toBe('');
    const made = await api.ok('POST', MAPS, { ...configMap(''), metadata: { ...rest, generateName: 'run-' } });
    expect(made.metadata.name).toMatch(/^run-x*\d+$/);
  });

  it.each([
    ['a name that is taken', 'a', {}, 409, 'configmaps "a" already exists'],
    [
      'a namespace that is not that of the path',
      'b',
      { namespace: 'other' },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    ['a revision', 'b', { resourceVersion: '5' }, 400, 'resourceVersion should not be set on objects to be created'],
    ['no name at all', '', {}, 422, 'name or generateName is required'],
  ])('refuse to create with %s', async (_what, name, metadata, status, message) => {
    await api.ok('POST', MAPS, configMap('a'));
    const object = { ...configMap(name), metadata: { ...configMap(name).metadata, ...metadata } };
    expect(await refusal('POST', MAPS, object)).toEqual({ status, reason: expect.any(String), message: expect.stringContaining(message) });
  });

  it('of a stale revision are refused, without one they win', async () => {
    const first = await api.ok('POST', MAPS, configMap('a'));
    await api.ok('PUT', `${MAPS}/a`, configMap('a', { k: '1' }));
    expect(await refusal('PUT', `${MAPS}/a`, { ...first, data: { k: '2' } })).toEqual({
      status: 409,
      reason: 'Conflict',
      message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect(await refusal('PATCH', `${MAPS}/a`, { metadata: { resourceVersion: first.metadata.resourceVersion } }, MERGE)).toMatchObject({ status: 409 });
  });

  it('that change nothing are none: the revision stays', async () => {
    const first = await api.ok('POST', MAPS, configMap('a', { k: 'v' }));
    api.clock.advance(10_000);
    const again = await api.ok('PUT', `${MAPS}/a`, configMap('a', { k: 'v' }));
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('made at the same time are all kept', async () => {
    await api.ok('POST', MAPS, configMap('a'));
    await Promise.all(Array.from({ length: 8 }, (_, index) => api.ok('PATCH', `${MAPS}/a`, { data: { [`k${index}`]: 'v' } }, MERGE)));
    expect(Object.keys((await api.ok('GET', `${MAPS}/a`)) as unknown as object)).toContain('data');
    expect(Object.keys(((await api.ok('GET', `${MAPS}/a`)) as KubeObject & { data: object }).data)).toHaveLength(8);
  });

  it('as dry runs answer as if, and store nothing', async () => {
    const before = api.store.revision;
    const made = await api.ok('POST', MAPS, configMap('a'), { query: { dryRun: 'All' } });
    expect([made.metadata.name, api.store.revision, (await api.request('GET', `${MAPS}/a`)).status]).toEqual(['a', before, 404]);
    expect(await refusal('POST', MAPS, configMap('a'), { query: { dryRun: 'Some' } })).toMatchObject({ status: 400 });
  });

  it('count generations of the spec only', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'default' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    };
    await api.ok('POST', path, body);
    await api.ok('PATCH', `${path}/d`, { metadata: { labels: { x: 'y' } } }, MERGE);
    await api.ok('PATCH', `${path}/d/status`, { status: { replicas: 1, observedGeneration: 1 } }, MERGE);
    expect((await api.ok('GET', `${path}/d`)).metadata.generation).toBe(1);
    const scaled = (await api.ok('PATCH', `${path}/d/scale`, { spec: { replicas: 4 } }, MERGE)) as KubeObject & { spec: unknown; status: unknown };
    expect([scaled.kind, scaled.spec, scaled.status]).toEqual(['Scale', { replicas: 4 }, { replicas: 1, selector: 'a=b' }]);
    expect((await api.ok('GET', `${path}/d`)).metadata.generation).toBe(2);
  });

  it('to the status leave the rest alone, to the rest leave the status alone', async () => {
    await api.ok('POST', PODS, pod('p'));
    const patched = await api.ok('PATCH', `${PODS}/p/status`, { status: { phase: 'Running' }, spec: { nodeName: 'x' } }, MERGE);
    expect(patched).toMatchObject({ spec: { nodeName: 'n' }, status: { phase: 'Running' } });
    expect(await api.ok('PATCH', `${PODS}/p`, { status: { phase: 'Failed' } }, MERGE)).toMatchObject({ status: { phase: 'Running' } });
  });

  it('bind a pod once', async () => {
    const { nodeName: _, ...spec } = (pod('p') as KubeObject & { spec: { nodeName: string } }).spec;
    await api.ok('POST', PODS, { ...pod('p'), spec });
    const target = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
    await api.ok('POST', `${PODS}/p/binding`, target);
    expect(await api.ok('GET', `${PODS}/p`)).toMatchObject({ spec: { nodeName: 'n1' }, status: { conditions: [{ type: 'PodScheduled', status: 'True' }] } });
    expect((await refusal('POST', `${PODS}/p/binding`, target)).message).toContain('pod p is already assigned to node "n1"');
  });

  it('delete gracefully, sooner when asked again, and only when all finalizers are gone', async () => {
    await api.ok('POST', PODS, pod('p'));
    const ending = await api.ok('DELETE', `${PODS}/p`);
    expect(ending.metadata).toMatchObject({ deletionTimestamp: '2026-01-02T03:04:35Z', deletionGracePeriodSeconds: 30 });
    const sooner = await api.ok('DELETE', `${PODS}/p`, { gracePeriodSeconds: 5 });
    expect(sooner.metadata).toMatchObject({ deletionTimestamp: '2026-01-02T03:04:10Z', deletionGracePeriodSeconds: 5 });
    await api.ok('DELETE', `${PODS}/p`, { gracePeriodSeconds: 0 });
    expect((await api.request('GET', `${PODS}/p`)).status).toBe(404);

    await api.ok('POST', MAPS, { ...configMap('f'), metadata: { ...configMap('f').metadata, finalizers: ['example.com/wait'] } });
    await api.ok('DELETE', `${MAPS}/f`);
    expect(await refusal('PATCH', `${MAPS}/f`, { metadata: { finalizers: ['example.com/wait', 'example.com/more'] } }, MERGE)).toMatchObject({ status: 422 });
    await api.ok('PATCH', `${MAPS}/f`, { metadata: { finalizers: null } }, MERGE);
    expect((await api.request('GET', `${MAPS}/f`)).status).toBe(404);
  });

  it('check preconditions of a deletion', async () => {
    await api.ok('POST', MAPS, configMap('a'));
    expect((await refusal('DELETE', `${MAPS}/a`, { preconditions: { uid: 'other' } })).message).toContain('Precondition failed: UID in precondition: other');
    expect(await refusal('DELETE', `${MAPS}/a`, { propagationPolicy: 'Sideways' })).toMatchObject({ status: 422 });
  });

  it('empty a namespace of a kind', async () => {
    for (const name of ['a', 'b', 'c']) await api.ok('POST', MAPS, configMap(name, {}, { gone: String(name !== 'b') }));
    await api.ok('DELETE', MAPS, undefined, { query: { labelSelector: 'gone=true' } });
    const left = (await api.ok('GET', MAPS)) as unknown as { items: readonly KubeObject[] };
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('end a namespace when its last finalizer is taken away', async () => {
    const path = '/api/v1/namespaces/going';
    await api.ok('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } });
    const ending = await api.ok('DELETE', path);
    expect(ending).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } });
    await api.ok('PUT', `${path}/finalize`, { ...ending, spec: { finalizers: [] } });
    expect((await api.request('GET', path)).status).toBe(404);
  });

  it.each([
    ['PATCH', `${MAPS}/a`, {}, { headers: { 'content-type': 'text/plain' } }, 415],
    ['GET', '/api/v1/nothing', undefined, {}, 404],
    ['GET', '/apis/none.example/v1/things', undefined, {}, 404],
    ['POST', `${MAPS}/a`, configMap('a'), {}, 405],
    ['DELETE', '/api/v1/namespaces', undefined, {}, 405],
    ['GET', `${MAPS}/a`, undefined, { headers: { accept: 'application/vnd.kubernetes.protobuf' } }, 406],
    ['GET', `${MAPS}/a`, undefined, { headers: { 'impersonate-user': 'x' } }, 403],
    ['GET', `${MAPS}/a/nothing`, undefined, {}, 404],
  ] as const)('%s %s is refused when it must be', async (method, path, body, options, status) => {
    await api.ok('POST', MAPS, configMap('a'));
    expect(await refusal(method, path, body, options)).toMatchObject({ status });
  });

  it('that the disk does not take are told so, and reads go on', async () => {
    const store = createMemoryStore();
    const failing = await testServer({ store });
    store.create = () => Promise.reject(new StoreUnavailableError('writing the log: ENOSPC: no space left on device'));
    const { status, body } = await failing.request('POST', MAPS, configMap('a'));
    expect([status, (body as Status).message]).toEqual([503, expect.stringContaining('no space left on device')]);
    expect((await failing.request('GET', MAPS)).status).toBe(200);
  });
});
