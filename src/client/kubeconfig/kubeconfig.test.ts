import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiClient } from '../api-client.ts';
import { kubeconfigFiles, kubeconfigTransport, loadKubeconfig, resolveContext } from './index.ts';

let directory: string;
let server: Server;
let seen: IncomingMessage['headers'][] = [];
let refuse: (headers: IncomingMessage['headers']) => boolean = () => false;

const write = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
const config = (user: string): string => `apiVersion: v1
kind: Config
current-context: main
contexts: [{name: main, context: {cluster: here, user: me, namespace: shop}}]
clusters: [{name: here, cluster: {server: "${address()}"}}]
users: [{name: me, user: ${user}}]
`;
const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'drover-kubeconfig-'));
  seen = [];
  refuse = () => false;
  server = createServer((request, response) => {
    seen.push({ ...request.headers, path: request.url ?? '' });
    response.writeHead(refuse(request.headers) ? 401 : 200, { 'content-type': 'application/json' });
    response.end('{"apiVersion":"v1","kind":"PodList","metadata":{},"items":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

async function list(user: string): Promise<void> {
  const client = createApiClient(kubeconfigTransport(await loadKubeconfig([write('config', config(user))])));
  await client.dynamic(pods).list({ namespace: 'shop' });
  await client.close();
}

test('a token, a name with a password and impersonation become headers, and a prefix of the server is kept', async () => {
  await list('{token: secret, as: somebody, as-groups: [a, b]}');
  await list('{username: me, password: word}');
  expect(seen.map((headers) => [headers['authorization'], headers['impersonate-user'], headers['impersonate-group'], headers['path']])).toEqual([
    ['Bearer secret', 'somebody', 'a, b', '/prefix/api/v1/namespaces/shop/pods'],
    [`Basic ${Buffer.from('me:word').toString('base64')}`, undefined, undefined, '/prefix/api/v1/namespaces/shop/pods'],
  ]);
});

test('an exec plugin is run once, and again when its credential is refused', async () => {
  const plugin = write(
    'plugin.sh',
    `#!/bin/sh\necho x >> ${directory}/runs\nn=$(wc -l < ${directory}/runs | tr -d ' ')\necho '{"kind":"ExecCredential","status":{"token":"t'$n'"}}'\n`,
  );
  chmodSync(plugin, 0o755);
  refuse = (headers) => headers['authorization'] === 'Bearer t1';
  await list('{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh}}');
  expect(seen.map((headers) => headers['authorization'])).toEqual(['Bearer t1', 'Bearer t2']);
});

test('an exec plugin that fails tells its own words and the hint', async () => {
  const plugin = write('plugin.sh', '#!/bin/sh\necho "log in first" >&2\nexit 3\n');
  chmodSync(plugin, 0o755);
  await expect(list('{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, installHint: get it}}')).rejects.toThrow(
    /log in first[\s\S]*get it/,
  );
});

test('of several files the first to name something wins, and missing ones are passed over', async () => {
  const first = write('first', 'current-context: b\ncontexts: [{name: b, context: {cluster: c, user: u}}]\n');
  const second = write(
    'second',
    'current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://x}}]\nusers: [{name: u, user: {}}]\n',
  );
  const loaded = await loadKubeconfig([first, join(directory, 'none'), second]);
  expect([loaded.currentContext, Object.keys(loaded.contexts).sort()]).toEqual(['b', ['a', 'b']]);
  expect(kubeconfigFiles(undefined, { KUBECONFIG: `${first}:${second}` })).toEqual([first, second]);
});

test.each([
  ['contexts: []', undefined, /no current-context is set/],
  ['current-context: x', undefined, /there is no context "x"/],
  ['contexts: [{name: a, context: {cluster: c, user: u}}]', 'a', /names the cluster "c", which has no server/],
  ['contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://x}}]', 'a', /names the user "u", which is not there/],
  [
    'contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://x, proxy-url: http://y}}]',
    'a',
    /proxy-url, which is not supported/,
  ],
])('%j is answered with what is missing', async (text, context, message) => {
  const loaded = await loadKubeconfig([write('config', text)]);
  expect(() => resolveContext(loaded, context)).toThrow(message);
});

test('a file that is not YAML, or is not there, is named', async () => {
  await expect(loadKubeconfig([write('broken', 'a: [')])).rejects.toThrow(/broken:\d/);
  await expect(loadKubeconfig([join(directory, 'none')])).rejects.toThrow(/none does not exist/);
});
