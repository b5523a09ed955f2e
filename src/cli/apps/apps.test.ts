import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '../../kinds/index.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { runCli } from '../testing/run-cli.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'drover-cli-'));
  writeFileSync(join(cwd, 'app.js'), '');
  writeFileSync(join(cwd, 'other.js'), '');
  writeFileSync(
    join(cwd, 'ecosystem.config.json'),
    '{ // apps\n "apps": [ { "name": "One", "script": "app.js", "instances": 2 }, { "name": "two", "script": "other.js", "namespace": "side" } ] }',
  );
  writeFileSync(join(cwd, 'broken.config.cjs'), 'module.exports = {\n  apps: [ { name: "x" script: "y" } ]\n};\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const deployment = (cluster: FakeCluster, name: string, namespace = 'default'): Deployment | undefined =>
  cluster.objects.get(`deployments/${namespace}/${name}`) as Deployment | undefined;
const run = (cluster: FakeCluster, ...argv: string[]) => runCli(cluster, argv, { cwd });

test('start runs a script, waits until it is online and prints the list', async () => {
  const cluster = new FakeCluster();
  const { code, out, err } = await run(cluster, 'start', 'app.js', '-i', '2', '--name', 'My App', '--', '--port', '1');
  expect([code, err]).toEqual([0, '✓ My App is online\n']);
  expect(out).toBe(
    [
      '┌────┬────────┬───────────┬─────────┬─────────┬─────┬────────┬───┬────────┬─────┬─────┐',
      '│ id │ name   │ namespace │ version │ mode    │ pid │ uptime │ ↺ │ status │ cpu │ mem │',
      '├────┼────────┼───────────┼─────────┼─────────┼─────┼────────┼───┼────────┼─────┼─────┤',
      '│ 0  │ My App │ default   │ N/A     │ cluster │ -   │ 5m     │ 0 │ online │ -   │ -   │',
      '│ 1  │ My App │ default   │ N/A     │ cluster │ -   │ 5m     │ 0 │ online │ -   │ -   │',
      '└────┴────────┴───────────┴─────────┴─────────┴─────┴────────┴───┴────────┴─────┴─────┘',
      '',
    ].join('\n'),
  );
  expect(deployment(cluster, 'my-app')?.spec?.template?.spec?.containers?.[0]?.command).toEqual(['node', join(cwd, 'app.js'), '--port', '1']);
});

test('starting a running app again is refused, and --force applies the new settings under the same ids', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js');
  const { code, err } = await run(cluster, 'start', 'app.js', '-i', '3');
  expect([code, err]).toEqual([1, 'error: app "app" is already running\nrestart it with: drover restart app\nor apply these settings to it with --force\n']);
  expect((await run(cluster, 'start', 'app.js', '-i', '3', '--force')).code).toBe(0);
  expect([deployment(cluster, 'app')?.spec?.replicas, deployment(cluster, 'app')?.metadata.annotations?.['drover.dev/pm-ids']]).toEqual([3, '0,1,2']);
});

test('an app that does not get ready is told with the reason and the last lines of its log, exit code 1', async () => {
  const cluster = new FakeCluster();
  cluster.broken = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
  cluster.logs.set('app-5d4-0', 'one\nboom\n');
  const { code, err } = await run(cluster, 'start', 'app.js');
  expect([code, err]).toEqual([1, '✗ app is not online: CrashLoopBackOff: back-off 10s\nlast lines of its log:\n  one\n  boom\n']);
});

test('an ecosystem file is started whole, ids go on counting, and again it is unchanged', async () => {
  const cluster = new FakeCluster();
  expect((await run(cluster, 'start', 'ecosystem.config.json')).code).toBe(0);
  expect([
    deployment(cluster, 'one')?.metadata.annotations?.['drover.dev/pm-ids'],
    deployment(cluster, 'two', 'side')?.metadata.annotations?.['drover.dev/pm-ids'],
  ]).toEqual(['0,1', '2']);
  expect(cluster.objects.has('namespaces//side')).toBe(true);
  const again = await run(cluster, 'start', 'ecosystem.config.json');
  expect([again.code, again.err]).toEqual([0, 'One is unchanged\ntwo is unchanged\n✓ One is online\n✓ two is online\n']);
});

test('a broken ecosystem file is told with its line, and nothing is asked of the cluster', async () => {
  const cluster = new FakeCluster();
  const { code, err } = await run(cluster, 'start', 'broken.config.cjs');
  expect([code, cluster.requests.length]).toEqual([1, 0]);
  expect(err).toContain(`${join(cwd, 'broken.config.cjs')}:2: SyntaxError: Unexpected identifier`);
});

test.each([
  [['start', 'app.js', '--watch'], 'watch: true is refused'],
  [['start', 'app.js', '--cron', '* * * * *'], 'cron_restart is refused'],
  [['start', 'app.js', '--no-daemon'], '--no-daemon is refused'],
  [['start', 'app.js', '--max-memory-restart', '1G'], 'max_memory_restart is refused'],
  [['start', 'missing.js'], 'missing.js was not found'],
  [['start', 'app.js', 'other.js', '--name', 'x'], '--name needs a single script'],
])('%j is refused by name', async (argv, message) => {
  const cluster = new FakeCluster();
  const { code, err } = await run(cluster, ...argv);
  expect([code > 0, err.includes(message), cluster.objects.size]).toEqual([true, true, 0]);
});

test('stop keeps the places, start brings back as many, delete forgets', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js', '-i', '2');
  const stopped = await run(cluster, 'stop', '0');
  expect([stopped.code, stopped.out.match(/stopped/g)?.length, deployment(cluster, 'app')?.spec?.replicas]).toEqual([0, 2, 0]);
  expect([(await run(cluster, 'start', 'app')).code, deployment(cluster, 'app')?.spec?.replicas]).toEqual([0, 2]);
  const deleted = await run(cluster, 'delete', 'all');
  expect([deleted.code, deleted.err, deployment(cluster, 'app')]).toEqual([0, 'app deleted\n', undefined]);
});

test.each([
  ['6', 6],
  ['+2', 4],
  ['-1', 1],
])('scale %s changes 2 replicas to %d', async (wanted, replicas) => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js', '-i', '2');
  const { code } = await run(cluster, 'scale', 'app', wanted);
  expect([
    code,
    deployment(cluster, 'app')?.spec?.replicas,
    deployment(cluster, 'app')?.metadata.annotations?.['drover.dev/pm-ids']?.split(',').length,
  ]).toEqual([0, replicas, replicas]);
});

test('restart changes the template and nothing else', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js');
  const before = deployment(cluster, 'app')?.spec;
  const { code, err } = await run(cluster, 'reload', 'app');
  expect([code, err.includes('✓ app restarted')]).toEqual([0, true]);
  const after = deployment(cluster, 'app')?.spec;
  expect(after?.template?.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt']).toBe('2030-01-01T00:05:00Z');
  expect(after?.template?.spec).toEqual(before?.template?.spec);
});

test('an unknown app is answered with the nearest one', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js', '--name', 'product-service');
  expect((await run(cluster, 'stop', 'product-servce')).err).toBe('error: there is no app "product-servce"\ndid you mean product-service?\n');
});

test('jlist prints JSON with the keys of PM2 and nothing else', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js');
  const { out } = await run(cluster, 'jlist');
  expect(JSON.parse(out)).toMatchObject([
    { name: 'app', pm_id: 0, pm2_env: { status: 'online', exec_mode: 'fork_mode', restart_time: 0, pm_exec_path: join(cwd, 'app.js') } },
  ]);
});

test('logs of all replicas are merged by time under their labels', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js', '-i', '2');
  cluster.logs.set('app-5d4-0', '2030-01-01T00:00:01.000000000Z a1\n2030-01-01T00:00:03.000000000Z a2\n');
  cluster.logs.set('app-5d4-1', '2030-01-01T00:00:02.000000000Z b1\n');
  expect((await run(cluster, 'logs', 'app', '--nostream')).out).toBe('0|app | a1\n1|app | b1\n0|app | a2\n');
  expect((await run(cluster, 'logs', 'app', '--nostream', '--raw')).out).toBe('a1\nb1\na2\n');
});

test('describe tells how an app is run', async () => {
  const cluster = new FakeCluster();
  await run(cluster, 'start', 'app.js');
  const { code, out } = await run(cluster, 'describe', 'app');
  expect(code).toBe(0);
  expect(out).toContain('kill-timeout:  1600');
  expect(out).toContain('0: app-5d4-0: online, 0 restarts');
});
