import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../apimachinery/index.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { runCli } from '../testing/run-cli.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'drover-cli-k8s-'));
  mkdirSync(join(cwd, 'k8s', 'z'), { recursive: true });
  writeFileSync(join(cwd, 'k8s', 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\ndata: {a: "1", b: "2"}\n');
  writeFileSync(join(cwd, 'k8s', 'z', 'ns.yml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
  writeFileSync(join(cwd, 'k8s', 'README.md'), 'not a manifest');
  writeFileSync(
    join(cwd, 'wrong.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n---\napiVersion: apps/v9\nkind: Deployment\nmetadata: {name: bad}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: late}\n',
  );
});
afterAll(() => rmSync(cwd, { recursive: true }));

const run = (cluster: FakeCluster, ...argv: string[]) => runCli(cluster, argv, { cwd });
const configMap = (name: string, data = {}, namespace = 'default'): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }) as KubeObject;

test('apply -R applies namespaces first, and the second time everything is unchanged', async () => {
  const cluster = new FakeCluster();
  const first = await run(cluster, 'apply', '-f', 'k8s', '-R');
  expect(first).toEqual({ code: 0, out: 'namespace/shop created\nconfigmap/one created\n', err: '' });
  const second = await run(cluster, 'apply', '-f', 'k8s', '-R');
  expect(second).toEqual({ code: 0, out: 'namespace/shop unchanged\nconfigmap/one unchanged\n', err: '' });
});

test('apply without -R does not read subdirectories', async () => {
  expect((await run(new FakeCluster(), 'apply', '-f', 'k8s')).out).toBe('configmap/one created\n');
});

test('apply removes what the manifest no longer says and keeps what others set', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'apply', '-f', 'k8s', '-R');
  const live = cluster.objects.get('configmaps/shop/one') as KubeObject & { readonly data: object };
  cluster.put('configmaps', { ...live, data: { ...live.data, other: '3' } } as KubeObject);
  const stdin = new PassThrough();
  stdin.end('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\ndata: {a: "9"}\n');
  const { out } = await runCli(cluster, ['apply', '-f', '-'], { cwd, stdin });
  expect(out).toBe('configmap/one configured\n');
  expect((cluster.objects.get('configmaps/shop/one') as unknown as { data: unknown }).data).toEqual({ a: '9', other: '3' });
});

test('one object that cannot be applied does not keep the others, and is told with its place', async () => {
  const { code, out, err } = await run(new FakeCluster(), 'apply', '-f', 'wrong.yaml');
  expect([code, out]).toEqual([1, 'configmap/good created\nsecret/late created\n']);
  expect(err).toBe('error: wrong.yaml:5:1: no matches for kind "Deployment" in version "apps/v9"; this server has it in apps/v1\n');
});

test.each([
  [['apply', '-f', 'none.yaml'], 'the path "none.yaml" does not exist'],
  [['apply', '-f', 'https://example.com/x.yaml'], 'URLs are not fetched'],
  [['apply', '-f', 'k8s', '-n', 'other'], 'the namespace from the provided object "shop" does not match the namespace "other"'],
  [['get', 'podz'], 'the server doesn\'t have a resource type "podz"\ndid you mean pods?'],
  [['get', 'pod', 'none'], 'from server (NotFound): pods "none" not found'],
  [['get', 'pods', '-o', 'xml'], '-o xml: expected wide, json'],
  [['get', 'pod/a', 'b'], 'when one word is KIND/NAME, all must be'],
  [['delete', 'configmap', 'none'], 'configmaps "none" not found'],
  [['rollout', 'undo', 'deployment/none'], 'deployments.apps "none" not found'],
])('%j fails with: %s', async (argv, message) => {
  const { code, err } = await run(new FakeCluster(), ...argv);
  expect([code > 0, err]).toEqual([true, expect.stringContaining(message)]);
});

test('get prints the table of the server in every form', async () => {
  const cluster = new FakeCluster();
  cluster.put('configmaps', configMap('first', { a: '2' }));
  cluster.put('configmaps', configMap('second-one', { a: '1' }));
  const out = async (...argv: string[]): Promise<string> => (await run(cluster, 'get', ...argv)).out;
  expect(await out('cm')).toBe('NAME         AGE\nfirst        5m\nsecond-one   5m\n');
  expect(await out('cm', '-o', 'wide', '--no-headers')).toBe('first        5m   1\nsecond-one   5m   2\n');
  expect(await out('configmaps', '-A')).toBe('NAMESPACE   NAME         AGE\ndefault     first        5m\ndefault     second-one   5m\n');
  expect(await out('cm', '--sort-by', '.data.a')).toBe('NAME         AGE\nsecond-one   5m\nfirst        5m\n');
  expect(await out('cm', '-o', 'name')).toBe('configmap/first\nconfigmap/second-one\n');
  expect(await out('cm', 'first', '-o', 'jsonpath={.data.a}')).toBe('2');
  expect(await out('cm', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}')).toBe('first\nsecond-one\n');
  expect(await out('cm', '-o', 'custom-columns=NAME:.metadata.name,A:.data.a,NONE:.data.b')).toBe(
    'NAME         A   NONE\nfirst        2   <none>\nsecond-one   1   <none>\n',
  );
  expect(JSON.parse(await out('cm', 'first', '-o', 'json'))).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'first' } });
  expect(await out('cm', 'first', '-o', 'yaml')).toContain('kind: ConfigMap\nmetadata:\n');
});

test('get of several kinds prefixes names, and an empty answer is a notice on stderr', async () => {
  const cluster = new FakeCluster();
  cluster.put('configmaps', configMap('a'));
  cluster.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b', namespace: 'default' } });
  expect((await run(cluster, 'get', 'cm,secrets')).out).toBe('NAME          AGE\nconfigmap/a   5m\n\nNAME       AGE\nsecret/b   5m\n');
  expect(await run(cluster, 'get', 'pods')).toEqual({ code: 0, out: '', err: 'No resources found in default namespace.\n' });
});

test('get -w goes on with changes until interrupted', async () => {
  const cluster = new FakeCluster();
  cluster.put('configmaps', configMap('a'));
  const interrupt = new AbortController();
  const running = runCli(cluster, ['get', 'cm', '-w', '-o', 'name'], { cwd, signal: interrupt.signal });
  await expect.poll(() => cluster.requests.length).toBeGreaterThan(2);
  cluster.put('configmaps', configMap('b'));
  await expect.poll(() => cluster.requests.length).toBeGreaterThan(2);
  await new Promise((resolve) => setImmediate(resolve));
  interrupt.abort(new Error('interrupted'));
  expect(await running).toEqual({ code: 130, out: 'configmap/a\nconfigmap/b\n', err: '' });
});

test('delete by kind, by file and by label waits until objects are gone', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'apply', '-f', 'k8s', '-R');
  cluster.put('configmaps', configMap('x'));
  expect(await run(cluster, 'delete', 'configmap', 'x')).toEqual({ code: 0, out: 'configmap "x" deleted\n', err: '' });
  expect(await run(cluster, 'delete', '-f', 'k8s', '-R')).toEqual({ code: 0, out: 'configmap "one" deleted\nnamespace "shop" deleted\n', err: '' });
  expect(cluster.objects.size).toBe(0);
});

test('image add registers a directory under a legal key, list shows it, remove forgets it', async () => {
  const cluster = new FakeCluster();
  expect((await run(cluster, 'image', 'add', 'shop/api:v1.0.0', '.', '--command', 'node "my server.js"')).out).toBe(`image shop/api:v1.0.0 is ${cwd}\n`);
  const map = cluster.objects.get('configmaps/kube-system/drover-images') as unknown as { data: { [key: string]: string } };
  expect(JSON.parse(map.data['shop-api_v1.0.0'] ?? '')).toEqual({ name: 'shop/api', tag: 'v1.0.0', directory: cwd, command: ['node', 'my server.js'] });
  expect((await run(cluster, 'image', 'list')).out).toContain('shop/api   v1.0.0');
  expect((await run(cluster, 'image', 'remove', 'shop/api:v1.0.0')).code).toBe(0);
  expect((await run(cluster, 'image', 'list')).err).toContain('No images were registered');
});
