import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../kinds/index.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: { readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind: string }[] } } };
}
interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
  readonly 'x-kubernetes-group-version-kind'?: { readonly kind: string };
}

const read = async (api: TestServer, path: string, headers = {}): Promise<string> => String((await api.request('GET', path, undefined, { headers })).body);
const documents = async (api: TestServer): Promise<readonly string[]> => {
  const index = (await api.ok('GET', '/openapi/v3')) as unknown as { readonly paths: { readonly [name: string]: { readonly serverRelativeURL: string } } };
  return Object.values(index.paths).map(({ serverRelativeURL }) => serverRelativeURL);
};

describe('OpenAPI', () => {
  it('has a document of every group and version, in which every reference resolves', async () => {
    const api = await testServer();
    const all = await documents(api);
    for (const url of all) {
      const text = await read(api, url);
      const { components } = JSON.parse(text) as Document;
      const wanted = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
      expect(wanted.filter((name) => !(name in components.schemas))).toEqual([]);
    }
    expect(all.map((url) => url.replace(/\?hash=.*/, ''))).toContain('/openapi/v3/apis/apps/v1');
  });

  it('tells clients of every kind its schema and that writes can be checked strictly', async () => {
    const api = await testServer();
    for (const kind of KINDS) {
      const { paths, components } = JSON.parse(await read(api, `/openapi/v3/${kind.group ? `apis/${kind.group}` : 'api'}/${kind.version}`)) as Document;
      expect(components.schemas[kind.schema]?.['x-kubernetes-group-version-kind']).toEqual([{ group: kind.group, version: kind.version, kind: kind.kind }]);
      const patch = Object.values(paths).find(({ patch: one }) => one?.['x-kubernetes-group-version-kind']?.kind === kind.kind)?.['patch'];
      expect(patch?.parameters?.map(({ name }) => name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    }
  });

  it('is answered once to a client that has it, and may be kept when named by its hash', async () => {
    const api = await testServer();
    const [url = ''] = await documents(api);
    const first = await api.request('GET', url);
    expect(first.status).toBe(200);
    const path = url.split('?')[0] ?? '';
    const answer = await api.server.handle({
      id: '',
      method: 'GET',
      path,
      query: new URLSearchParams(url.split('?')[1]),
      headers: { 'accept-encoding': 'gzip' },
      credentials: { type: 'unix-socket' },
      info: { type: 'path', verb: 'get', path },
      user: { name: '', groups: [] },
      body: async () => ({ type: 'none' }),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    if (answer.type !== 'text') throw new Error('expected text');
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, immutable',
      'content-encoding': 'gzip',
      etag: expect.stringMatching(/^"[0-9A-F]{128}"$/),
    });
    expect(gunzipSync(answer.text as Buffer).toString()).toBe(first.body);
    expect((await api.request('GET', path, undefined, { headers: { 'if-none-match': String(answer.headers?.['etag']) } })).status).toBe(304);
  });

  it('exists in version 2 as JSON, and as protobuf for old clients; other forms are refused', async () => {
    const api = await testServer();
    expect(JSON.parse(await read(api, '/openapi/v2'))).toMatchObject({ swagger: '2.0' });
    const old = await api.request('GET', '/openapi/v2', undefined, { headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' } });
    expect([old.headers['content-type'], String(old.body).slice(0, 5)]).toEqual(['application/com.github.proto-openapi.spec.v2.v1.0+protobuf', '\n\u00032.0']);
    expect((await api.request('GET', '/openapi/v2', undefined, { headers: { accept: 'text/html' } })).status).toBe(406);
  });
});
