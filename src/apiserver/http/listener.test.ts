import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../std/index.ts';
import { ensurePki, type Pki } from '../pki/index.ts';
import { configMap, type TestServer, testServer } from '../testing/test-server.ts';

interface Got {
  readonly status: number | undefined;
  readonly headers: { readonly [name: string]: unknown };
  readonly text: string;
}

describe('listeners', () => {
  let directory: string;
  let socketPath: string;
  let api: TestServer;
  let pki: Pki;
  let port: number;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drover-listen-'));
    socketPath = join(directory, 'api.sock');
    api = await testServer();
    await api.server.listenUnix(socketPath);
    pki = await ensurePki({ directory: join(directory, 'pki'), serverNames: ['127.0.0.1', 'localhost'], clock: systemClock });
    port = (await api.server.listenHttps({ host: '127.0.0.1', port: 0 }, { ...pki.server, authority: pki.authority })).port;
  });
  afterAll(async () => {
    await api.server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const send = (options: object, body?: string | Buffer, secure = false) =>
    new Promise<Got>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
      });
      request.on('error', reject);
      request.end(body);
    });
  const unix = (method: string, path: string, body?: string | Buffer, headers: object = {}) => send({ socketPath, method, path, headers }, body);
  const maps = '/api/v1/namespaces/default/configmaps';

  it('a Unix socket that only its owner opens, as the administrator, and only one daemon at a time', async () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const made = await unix('POST', maps, JSON.stringify({ ...configMap('a'), extra: 1 }), { 'content-type': 'application/json' });
    expect([made.status, made.headers['warning']]).toEqual([201, '299 - "unknown field \\"extra\\""']);
    await expect(api.server.listenUnix(socketPath)).rejects.toThrow('another daemon of this home already answers');
  });

  it('read YAML and write it', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  k: "yes"\n';
    expect((await unix('POST', maps, yaml, { 'content-type': 'application/yaml' })).status).toBe(201);
    expect((await unix('GET', `${maps}/y`, undefined, { accept: 'application/yaml' })).text).toContain('data:\n  k: "yes"\n');
  });

  it.each([
    ['a body that is too large', 'POST', maps, Buffer.alloc(4 * 1024 * 1024), 'application/json', 413],
    ['an unknown form', 'POST', maps, Buffer.from('x'), 'text/html', 415],
    ['broken JSON', 'POST', maps, Buffer.from('{'), 'application/json', 400],
    ['an empty body', 'POST', maps, Buffer.alloc(0), 'application/json', 400],
  ])('refuse %s', async (_what, method, path, body, type, status) => {
    const got = await unix(method, path, body, { 'content-type': type });
    expect([got.status, JSON.parse(got.text).kind]).toEqual([status, 'Status']);
  });

  it('HTTPS: certificates say who asks; strangers see only health and version', async () => {
    const tls = { host: '127.0.0.1', port, ca: pki.authority };
    const admin = { ...tls, cert: pki.admin.certificate, key: pki.admin.key };
    expect((await send({ ...admin, path: maps }, undefined, true)).status).toBe(200);
    expect((await send({ ...tls, path: '/readyz' }, undefined, true)).text).toBe('ok');
    expect((await send({ ...tls, path: maps }, undefined, true)).status).toBe(401);
    expect((await send({ ...tls, path: maps, headers: { authorization: 'Bearer x' } }, undefined, true)).status).toBe(401);
    const stranger = await ensurePki({ directory: join(directory, 'other'), serverNames: [], clock: systemClock });
    expect((await send({ ...tls, path: '/readyz', cert: stranger.admin.certificate, key: stranger.admin.key }, undefined, true)).status).toBe(401);
  });

  it('HTTP/2: a watch streams while other requests go on', async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.authority, cert: pki.admin.certificate, key: pki.admin.key });
    const watch = session.request({ ':path': `${maps}?watch=true&resourceVersion=${api.store.revision}` });
    await new Promise((resolve) => watch.once('response', resolve));
    const line = new Promise<string>((resolve) => watch.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    await api.ok('POST', maps, configMap('streamed'));
    expect(JSON.parse(await line)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'streamed' } } });
    await new Promise<void>((resolve) => session.close(resolve) ?? watch.close());
  });

  it('answer the metrics and the health checks by name', async () => {
    expect((await unix('GET', '/metrics')).text).toContain('apiserver_request_total{verb="POST",group="",version="v1",resource="configmaps"');
    expect((await unix('GET', '/livez?verbose')).text).toBe('[+]ping ok\nlivez check passed\n');
    expect((await unix('GET', '/readyz/nothing')).status).toBe(404);
  });
});
