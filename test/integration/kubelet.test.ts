import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PodLogOptions } from '../../src/apimachinery/index.ts';
import { createApiServer } from '../../src/apiserver/index.ts';
import { type ApiClient, createApiClient, createInformers, type ResourceClient } from '../../src/client/index.ts';
import { type Container, configMap, KINDS, type Lease, lease, namespace, node, type Pod, type PodSpec, pod, secret } from '../../src/kinds/index.ts';
import { type Kubelet, startKubelet } from '../../src/kubelet/index.ts';
import { createProcessRuntime } from '../../src/runtimes/index.ts';
import { Closer, systemClock } from '../../src/std/index.ts';
import { createMemoryStore } from '../../src/storage/index.ts';
import { type ShimHome, startShimHome } from '../support/shim-home.ts';

/** The node agent with real processes and a real API in this process; pods have the machine's network. */
let home: ShimHome;
let client: ApiClient;
let pods: ResourceClient<Pod>;
let kubelet: Kubelet;
let agent: Closer;
let port = 21_000 + (process.pid % 500) * 8;
const events: string[] = [];
const withdrawn: string[] = [];

async function startAgent(): Promise<void> {
  agent = new Closer();
  const informers = agent.add(createInformers(client, { clock: systemClock }));
  const runtime = agent.add(await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim }));
  kubelet = agent.add(
    startKubelet({
      client,
      informers,
      runtime,
      events: { event: (about, type, reason, message) => void events.push(`${about.metadata.name} ${type} ${reason}: ${message}`) },
      network: {
        mode: 'loopback',
        dnsAddress: '127.0.0.1',
        limitations: () => [{ reason: 'Test', message: 'no network' }],
        attach: async () => ({ mode: 'host', ip: '127.0.0.1', env: {} }),
        detach: async () => undefined,
        withdraw: async (ip) => void withdrawn.push(ip),
        admit: () => undefined,
      },
      clock: systemClock,
      home: home.paths,
      nodeName: 'here',
      nodeAddress: '127.0.0.1',
      version: 'v1.33.0',
      environment: process.env,
      onError: (error, about) => void events.push(`error ${about}: ${error instanceof Error ? error.message : String(error)}`),
    }),
  );
  await kubelet.ready;
}

beforeAll(async () => {
  home = await startShimHome();
  const api = await createApiServer({
    store: createMemoryStore(),
    kinds: KINDS,
    clock: systemClock,
    version: { kubernetes: '1.33', drover: 'test' },
    streams: () => undefined,
    checks: [],
    onInternalError: (error) => events.push(`api ${String(error)}`),
  });
  client = createApiClient(api.inProcessTransport(), { clock: systemClock });
  for (const name of ['default', 'kube-system', 'kube-node-lease'])
    await client
      .resource(namespace)
      .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
      .catch(() => undefined);
  pods = client.resource(pod);
  await startAgent();
});
afterAll(async () => {
  await agent?.close();
  await home?.close();
});

const run = (name: string, container: Omit<Container, 'name'>, spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}) =>
  pods.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', annotations },
    spec: { nodeName: 'here', hostNetwork: true, enableServiceLinks: false, ...spec, containers: [{ name: 'app', workingDir: home.work, ...container }] },
  });

async function until<T>(what: () => Promise<T | undefined | false>, limitMs: number = 15_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await what();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}\n${events.join('\n')}`);
    await systemClock.sleep(10);
  }
}

const isReady = (one: Pod | undefined): boolean => one?.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
const ready = (name: string) => until(() => pods.get(name, 'default').then((one) => isReady(one) && one));
const ended = (name: string) => until(() => pods.get(name, 'default').then((one) => /Succeeded|Failed/.test(one.status?.phase ?? '') && one));
const gone = (name: string) =>
  until(() =>
    pods.get(name, 'default').then(
      () => false,
      () => true,
    ),
  );

async function logs(name: string, options: PodLogOptions = {}): Promise<string> {
  const stream = await kubelet.streams.logs('default', name, options, new AbortController().signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const answer = (at: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    get({ port: at, host: '127.0.0.1', agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve(body));
    }).on('error', () => resolve(undefined));
  });

const SERVER = `
const http = require('http');
console.log('boot ' + process.pid);
let healthy = true;
http.createServer((q, s) => {
  if (q.url === '/sick') healthy = false;
  s.statusCode = q.url === '/health' && !healthy ? 500 : 200;
  s.end(String(process.pid));
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
`;

test('a server runs, is restarted at once when killed, and its logs are kept apart', async () => {
  writeFileSync(join(home.work, 'server.cjs'), SERVER);
  const at = port++;
  await run('web', {
    image: 'node:20-alpine',
    command: ['node', 'server.cjs'],
    env: [{ name: 'PORT', value: String(at) }],
    readinessProbe: { httpGet: { path: '/health', port: at }, periodSeconds: 1 },
  });
  await ready('web');
  const first = await until(() => answer(at));
  const t0 = performance.now();
  process.kill(Number(first), 'SIGKILL');
  const second = await until(() => answer(at).then((pid) => pid !== undefined && pid !== first && pid));
  console.log(`crash to serving: ${(performance.now() - t0).toFixed(0)} ms (Node's own start included)`);
  const one = await until(() => pods.get('web', 'default').then((each) => each.status?.containerStatuses?.[0]?.restartCount === 1 && isReady(each) && each));
  expect(one.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 137, signal: 9, reason: 'Error' });
  expect(await logs('web')).toBe(`boot ${second}\n`);
  expect(await logs('web', { previous: true })).toBe(`boot ${first}\n`);
  expect(await logs('web', { timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z boot/);
});

test('another agent adopts it: same process, same counts', async () => {
  const before = await pods.get('web', 'default');
  await agent.close();
  await startAgent();
  await systemClock.sleep(300);
  const after = await pods.get('web', 'default');
  expect(after.status).toEqual(before.status);
  expect(kubelet.pods().map((one) => [one.name, one.state])).toEqual([['web', 'syncing']]);
});

test('a follower sees the last words of a pod that is deleted, which ends in time', async () => {
  const following = logs('web', { follow: true, tailLines: 0 });
  await systemClock.sleep(100);
  await pods.delete('web', 'default');
  expect(await following).toBe('bye\n');
  await gone('web');
  await expect(logs('web')).rejects.toThrow('pods "web" not found');
});

test('a liveness probe that fails restarts the container and says so', async () => {
  const at = port++;
  await run('sick', {
    image: 'node',
    command: ['node', 'server.cjs'],
    env: [{ name: 'PORT', value: String(at) }],
    livenessProbe: { httpGet: { path: '/health', port: at }, periodSeconds: 1, failureThreshold: 2, initialDelaySeconds: 1 },
  });
  await ready('sick');
  await until(() => answer(at));
  await new Promise((resolve) => get({ port: at, host: '127.0.0.1', path: '/sick' }, resolve));
  await until(() => pods.get('sick', 'default').then((one) => one.status?.containerStatuses?.[0]?.restartCount === 1));
  expect(events).toContain('sick Warning Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500');
  expect(events).toContain('sick Normal Killing: Container app failed liveness probe, will be restarted');
  await pods.delete('sick', 'default');
  await gone('sick');
});

test('configuration reaches the program by environment and by files that follow their object', async () => {
  await client
    .resource(configMap)
    .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'default' }, data: { LEVEL: 'debug', 'app.ini': 'a=1\n' } });
  await client.resource(secret).create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: 'default' },
    data: { password: Buffer.from('s3cret').toString('base64') },
  });
  await run(
    'config',
    {
      image: 'busybox',
      command: [
        'sh',
        '-c',
        'echo $(LEVEL) $PASS $NAME $CPU; stat -L -c %a /etc/drover-test/cfg/app.ini; while [ "$(cat /etc/drover-test/cfg/app.ini)" = a=1 ]; do sleep 0.1; done; cat /etc/drover-test/cfg/app.ini; exit 0',
      ],
      envFrom: [{ configMapRef: { name: 'cfg' } }],
      env: [
        { name: 'PASS', valueFrom: { secretKeyRef: { name: 'key', key: 'password' } } },
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      ],
      resources: { limits: { cpu: '250m' } },
      volumeMounts: [{ name: 'cfg', mountPath: '/etc/drover-test/cfg' }],
    },
    { restartPolicy: 'Never', volumes: [{ name: 'cfg', configMap: { name: 'cfg', defaultMode: 0o640 } }] },
  );
  await ready('config');
  const found = await client.resource(configMap).get('cfg', 'default');
  await client.resource(configMap).update({ ...found, data: { ...found.data, 'app.ini': 'a=2\n' } });
  const t0 = performance.now();
  expect((await ended('config')).status?.phase).toBe('Succeeded');
  expect(performance.now() - t0).toBeLessThan(10_000);
  expect(await logs('config')).toBe('debug s3cret config 250\n640\na=2\n');
});

test('containers of a pod share an emptyDir; init comes first; a message is left behind', async () => {
  const mounts = [{ name: 'data', mountPath: '/var/drover-test-data' }];
  await run(
    'shared',
    { image: 'alpine', command: ['sh', '-c', 'cat /var/drover-test-data/made; echo gone wrong > /dev/termination-log; exit 4'], volumeMounts: mounts },
    {
      restartPolicy: 'Never',
      volumes: [{ name: 'data', emptyDir: {} }],
      initContainers: [{ name: 'make', image: 'alpine', command: ['sh', '-c', 'echo made > /var/drover-test-data/made'], volumeMounts: mounts }],
    },
  );
  const one = await ended('shared');
  expect(one.status?.phase).toBe('Failed');
  expect(one.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 4, reason: 'Error', message: 'gone wrong\n' });
  expect(one.status?.initContainerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(await logs('shared', { container: 'app' })).toBe('made\n');
  await pods.delete('shared', 'default');
  await gone('shared');
});

test("an app in PM2's words is online when it listens, and gets its own signal", async () => {
  const at = port++;
  const script = `setTimeout(() => require('http').createServer((q, s) => s.end('ok')).listen(${at}, '127.0.0.1'), 300);
    process.on('SIGINT', () => { require('fs').writeFileSync('sigint', 'yes'); process.exit(0); });`;
  const t0 = performance.now();
  await run(
    'pm2',
    { image: 'drover.dev/host', command: [process.execPath, '-e', script] },
    {},
    { 'drover.dev/exec-mode': 'fork', 'drover.dev/stop-signal': 'SIGINT', 'drover.dev/kill-timeout': '1600' },
  );
  await ready('pm2');
  const took = performance.now() - t0;
  expect(took).toBeGreaterThan(300);
  expect(took).toBeLessThan(2_500);
  await pods.delete('pm2', 'default');
  await gone('pm2');
  expect(readFileSync(join(home.work, 'sigint'), 'utf8')).toBe('yes');
});

test('a command that is not there is named, with where it was looked for', async () => {
  await run('lost', { image: 'busybox', command: ['no-such-program'] });
  const waiting = await until(() =>
    pods.get('lost', 'default').then(({ status }) => {
      const state = status?.containerStatuses?.[0]?.state?.waiting;
      return state?.message === undefined ? undefined : state;
    }),
  );
  expect(waiting.reason).toBe('RunContainerError');
  expect(waiting.message).toContain('no-such-program');
  await expect(logs('lost')).rejects.toThrow('container "app" in pod "lost" is waiting to start: RunContainerError');
  await pods.delete('lost', 'default');
  await gone('lost');
});

test('exec runs beside the program', async () => {
  await run('sleeper', { image: 'busybox', command: ['sleep', '1000'], lifecycle: { postStart: { exec: { command: ['touch', 'started'] } } } });
  await ready('sleeper');
  expect(readFileSync(join(home.work, 'started'), 'utf8')).toBe('');
  const { PassThrough } = await import('node:stream');
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on('data', (chunk) => chunks.push(chunk));
  const result = await kubelet.streams.exec(
    'default',
    'sleeper',
    { command: ['sh', '-c', 'echo $HOSTNAME; exit 3'], stdin: false, stdout: true, stderr: true, tty: false },
    { stdout },
    new AbortController().signal,
  );
  expect(result.exitCode).toBe(3);
  expect(Buffer.concat(chunks).toString()).not.toBe('\n');
  await pods.delete('sleeper', 'default', { gracePeriodSeconds: 0 });
  await until(async () => kubelet.pods().every((one) => one.name !== 'sleeper'));
});

test('the node tells what it has and renews its lease', async () => {
  const here = await client.resource(node).get('here');
  expect(here.status?.conditions?.find((one) => one.type === 'Ready')?.status).toBe('True');
  expect(here.status?.conditions?.find((one) => one.type === 'LimitedTest')?.message).toBe('no network');
  expect(Number(here.status?.capacity?.['pods'])).toBe(110);
  const renewed: Lease = await client.resource(lease).get('here', 'kube-node-lease');
  expect(renewed.spec?.holderIdentity).toBe('here');
});
