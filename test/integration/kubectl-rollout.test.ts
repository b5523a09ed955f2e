import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePki, kubeconfigText } from '../../src/apiserver/index.ts';
import { deployment, pod } from '../../src/kinds/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { startCluster, type TestCluster } from '../unit/controllers/cluster.ts';

const KUBECTL = process.env['KUBECTL'] ?? 'kubectl';
let cluster: TestCluster;
let directory: string;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const kubectl = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: join(directory, 'kubeconfig'), HOME: directory };
    execFile(KUBECTL, [...args], { env, timeout: 60_000 }, (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
  });

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: "web:1" }] }
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-rollout-'));
  cluster = await startCluster();
  const pki = await ensurePki({ directory: join(directory, 'pki'), serverNames: ['127.0.0.1', 'localhost'], clock: systemClock });
  const listener = await cluster.server.listenHttps({ host: '127.0.0.1', port: 0 }, { ...pki.server, authority: pki.authority });
  await writeFile(join(directory, 'kubeconfig'), kubeconfigText({ name: 'test', server: `https://127.0.0.1:${listener.port}`, pki }), { mode: 0o600 });
  await writeFile(join(directory, 'web.yaml'), MANIFEST);
});

afterAll(async () => {
  await cluster.close();
  await rm(directory, { recursive: true, force: true });
});

const image = async (): Promise<string | undefined> => (await cluster.resource(deployment).get('web', 'default')).spec?.template.spec?.containers[0]?.image;

describe('kubectl rollout', () => {
  it('status waits for a new Deployment and says that it is out', async () => {
    expect(await kubectl('apply', '-f', join(directory, 'web.yaml'))).toMatchObject({ code: 0, out: 'deployment.apps/web created\n' });
    const { code, out, err } = await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('deployment "web" successfully rolled out');
  });

  it('history lists revisions with their causes, undo goes back', async () => {
    await kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=first');
    await kubectl('set', 'image', 'deployment/web', 'c=web:2');
    await kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=second', '--overwrite');
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    const history = (await kubectl('rollout', 'history', 'deployment/web')).out;
    expect(history).toMatch(/1\s+first\n2\s+second\n/);
    expect((await kubectl('rollout', 'history', 'deployment/web', '--revision=1')).out).toContain('web:1');
    expect(await kubectl('rollout', 'undo', 'deployment/web')).toMatchObject({ code: 0, out: 'deployment.apps/web rolled back\n' });
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    expect(await image()).toBe('web:1');
    expect((await kubectl('rollout', 'history', 'deployment/web')).out).toMatch(/2\s+second\n3\s+first\n/);
    expect((await kubectl('rollout', 'undo', 'deployment/web', '--to-revision=2')).code).toBe(0);
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    expect(await image()).toBe('web:2');
  });

  it('pause holds a change back, resume lets it go', async () => {
    expect((await kubectl('rollout', 'pause', 'deployment/web')).out).toBe('deployment.apps/web paused\n');
    await kubectl('set', 'image', 'deployment/web', 'c=web:3');
    await cluster.until(deployment, (all) => all.some((one) => one.status?.observedGeneration === one.metadata.generation));
    expect((await cluster.resource(pod).list()).items.filter((one) => one.spec?.containers[0]?.image === 'web:3')).toEqual([]);
    expect((await kubectl('rollout', 'undo', 'deployment/web')).err).toContain('cannot rollback a paused deployment');
    expect((await kubectl('rollout', 'resume', 'deployment/web')).out).toBe('deployment.apps/web resumed\n');
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    expect((await cluster.resource(pod).list()).items.filter((one) => one.spec?.containers[0]?.image === 'web:3')).toHaveLength(3);
  });

  it('restart replaces every pod, scale changes only their number', async () => {
    const before = new Set((await cluster.resource(pod).list()).items.map((one) => one.metadata.uid));
    expect((await kubectl('rollout', 'restart', 'deployment/web')).out).toBe('deployment.apps/web restarted\n');
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    const after = (await cluster.resource(pod).list()).items.filter((one) => !one.metadata.deletionTimestamp);
    expect(after.filter((one) => before.has(one.metadata.uid))).toEqual([]);
    const revision = (await cluster.resource(deployment).get('web', 'default')).metadata.annotations?.['deployment.kubernetes.io/revision'];
    expect((await kubectl('scale', 'deployment/web', '--replicas=5')).code).toBe(0);
    expect((await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s')).code).toBe(0);
    const scaled = await cluster.resource(deployment).get('web', 'default');
    expect(scaled.status?.availableReplicas).toBe(5);
    expect(scaled.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe(revision);
  });

  it('status fails when the deadline is over', async () => {
    cluster.setReady((one) => one.spec?.containers[0]?.image !== 'web:broken');
    await kubectl('patch', 'deployment/web', '-p', '{"spec":{"progressDeadlineSeconds":2}}');
    await kubectl('set', 'image', 'deployment/web', 'c=web:broken');
    const { code, err } = await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    expect({ code, err }).toEqual({ code: 1, err: 'error: deployment "web" exceeded its progress deadline\n' });
    expect((await kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=5s')).code).toBe(0);
  });
});
