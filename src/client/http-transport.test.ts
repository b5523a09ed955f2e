import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject, WatchEvent } from '../apimachinery/index.ts';
import { createApiClient } from './api-client.ts';
import { unixSocketTransport } from './unix-socket-transport.ts';

const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
let directory: string;
let socket: string;
let server: Server;
let handle: (request: import('node:http').IncomingMessage, body: string, response: import('node:http').ServerResponse) => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'drover-client-'));
  socket = join(directory, 'api.sock');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => handle(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

test('a write carries its query, body and content type, and warnings come back as texts', async () => {
  const client = createApiClient(unixSocketTransport(socket), { fieldManager: 'tests' });
  const warnings: string[] = [];
  handle = (request, body, response) => {
    response.setHeader('warning', ['299 - "first \\"one\\""', '299 - "second"']);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `${request.method} ${request.url} ${request.headers['content-type']} ${body}` } }),
    );
  };
  const got = await client.dynamic(pods).patch('a b', 'ns', { x: 1 }, { type: 'apply', force: true, dryRun: true, onWarning: (text) => warnings.push(text) });
  expect(got.metadata.name).toBe('PATCH /api/v1/namespaces/ns/pods/a%20b?force=true&dryRun=All&fieldManager=tests application/apply-patch+yaml {"x":1}');
  expect(warnings).toEqual(['first "one"', 'second']);
  expect(Object.isFrozen(got.metadata)).toBe(true);
  await client.close();
});

test('an answer of 400 and above is thrown as the Status it carries', async () => {
  const client = createApiClient(unixSocketTransport(socket));
  handle = (_request, _body, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"x\\" not found","reason":"NotFound","code":404}');
  };
  await expect(client.dynamic(pods).get('x', 'ns')).rejects.toMatchObject({ code: 404, reason: 'NotFound', message: 'pods "x" not found' });
  await client.close();
});

test('a watch yields events across chunk borders and ends quietly when its signal aborts', async () => {
  const client = createApiClient(unixSocketTransport(socket));
  handle = (_request, _body, response) => {
    response.setHeader('content-type', 'application/json');
    const line = `${JSON.stringify({ type: 'ADDED', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'é'.repeat(10) } } })}\n`;
    const bytes = Buffer.from(line + line);
    response.write(bytes.subarray(0, 75));
    setImmediate(() => response.write(bytes.subarray(75)));
  };
  const abort = new AbortController();
  const events: WatchEvent<KubeObject>[] = [];
  for await (const event of client.dynamic(pods).watch({ signal: abort.signal })) {
    events.push(event);
    if (events.length === 2) abort.abort();
  }
  expect(events.map(({ type, object }) => `${type} ${object.metadata && 'name' in object.metadata ? object.metadata.name : ''}`)).toEqual([
    `ADDED ${'é'.repeat(10)}`,
    `ADDED ${'é'.repeat(10)}`,
  ]);
  await client.close();
});

test('a server that closes a kept connection does not fail the next read', async () => {
  const client = createApiClient(unixSocketTransport(socket));
  handle = (_request, _body, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"apiVersion":"v1","kind":"PodList","metadata":{},"items":[{"metadata":{"name":"a"}}]}');
  };
  await client.dynamic(pods).list();
  server.closeIdleConnections();
  expect((await client.dynamic(pods).list()).items).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }]);
  await client.close();
});

test('no server at all is said so, with the address', async () => {
  const client = createApiClient(unixSocketTransport(join(directory, 'none.sock')));
  await expect(client.dynamic(pods).list()).rejects.toMatchObject({ code: 'ERR_API_UNREACHABLE', message: expect.stringContaining('none.sock') });
  await client.close();
});

test('a connection that breaks in the middle of an answer is told apart from a refusal', async () => {
  const client = createApiClient(unixSocketTransport(socket));
  handle = (_request, _body, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"half":');
    setImmediate(() => response.destroy());
  };
  await expect(client.dynamic(pods).get('x', 'ns')).rejects.toMatchObject({ code: 'ERR_API_CONNECTION_LOST' });
  await client.close();
});
