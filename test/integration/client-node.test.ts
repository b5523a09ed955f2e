import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type * as ClientNode from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, root, sleep, type TestHome, testHome } from './harness.ts';

// The version that users have; the one beside the sources is for the types alone.
const k8s = createRequire(join(root, 'test/tools/package.json'))('@kubernetes/client-node') as typeof ClientNode;

const pod = (name: string, labels: Record<string, string> = {}): ClientNode.V1Pod => ({
  metadata: { name, labels },
  spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: 'node:20', command: ['node'] }] },
});

function clients(home: TestHome) {
  const config = new k8s.KubeConfig();
  config.loadFromFile(join(home.home, 'kubeconfig'));
  return { config, core: config.makeApiClient(k8s.CoreV1Api), apps: config.makeApiClient(k8s.AppsV1Api) };
}

async function started(settings: Record<string, string> = {}): Promise<TestHome> {
  const home = testHome(settings);
  await home.droverOk('daemon', 'start', '--wait');
  writeFileSync(join(home.home, 'kubeconfig'), await home.droverOk('kubeconfig'));
  return home;
}

/** Runs `one` for every number below `count`, some at a time. */
async function each(count: number, width: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Repeats a write until the server is there to answer it. A refusal counts as an answer. */
async function persistently<T>(write: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      // 404 and 409 after a lost answer: the write had been done.
      if (code === 404 || code === 409) return undefined;
      if (typeof code === 'number' && code < 500 && code !== 429) throw error;
      await sleep(50);
    }
  }
}

describe('an informer of @kubernetes/client-node over 10,000 pods', () => {
  const count = 10_000;
  let home: TestHome;
  beforeAll(async () => {
    home = await started({ DROVER_RUNTIME: 'fake' });
  });
  afterAll(() => home.end());

  it('lives through kill -9 and a restart of the daemon, missing and inventing nothing', { timeout: 400_000 }, async () => {
    const { config, core } = clients(home);
    const namespace = 'default';
    await each(count, 16, (index) => core.createNamespacedPod({ namespace, body: pod(`p${index}`) }));

    type Seen = { readonly event: 'add' | 'update' | 'delete'; readonly uid: string; readonly version: bigint };
    const histories = new Map<string, Seen[]>();
    const wrong: string[] = [];
    const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () => core.listNamespacedPod({ namespace }));
    for (const event of ['add', 'update', 'delete'] as const) {
      informer.on(event, (object) => {
        const { name = '', uid = '', resourceVersion = '0' } = object.metadata ?? {};
        const history = histories.get(name) ?? [];
        histories.set(name, history);
        const last = history.at(-1);
        const seen: Seen = { event, uid, version: BigInt(resourceVersion) };
        const exists = last !== undefined && last.event !== 'delete';
        if (event === 'add' ? exists : !exists) wrong.push(`${name}: ${event} after ${last?.event ?? 'nothing'}`);
        if (exists && event !== 'add' && last.uid !== uid) wrong.push(`${name}: ${event} of another object`);
        // After a break of the connection, objects that went meanwhile are told with what was last known of them.
        if (exists && (event === 'delete' ? seen.version < last.version : seen.version <= last.version))
          wrong.push(`${name}: ${event} at ${seen.version} after ${last.version}`);
        history.push(seen);
      });
    }
    // The library leaves going on to its user, who does it as its examples do.
    let ending = false;
    let breaks = 0;
    informer.on('error', () => {
      breaks += 1;
      if (!ending) setTimeout(() => void informer.start().catch(() => undefined), 200);
    });
    await informer.start();
    await eventually('the informer has them all', () => informer.list().length === count, 60_000);
    expect(histories.size).toBe(count);

    let stop = false;
    let writes = 0;
    const writer = async (lane: number) => {
      for (let round = 0; !stop; round += 1) {
        const name = `p${(round * 7 + lane * 2500) % count}`;
        await persistently(() =>
          core.patchNamespacedPod(
            { namespace, name, body: { metadata: { labels: { round: String(round) } } } },
            k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch),
          ),
        );
        await persistently(() => core.createNamespacedPod({ namespace, body: pod(`new-${lane}-${round}`) }));
        if (round % 3 === 0) await persistently(() => core.deleteNamespacedPod({ namespace, name: `new-${lane}-${round}`, gracePeriodSeconds: 0 }));
        if (round % 5 === 0) await persistently(() => core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }));
        writes += 1;
      }
    };
    const writers = [0, 1].map(writer);
    const progress = async () => {
      const before = writes;
      await eventually('writes go on', () => writes > before + 20, 60_000);
    };
    await progress();
    const daemon = home.pid('daemon');
    process.kill(daemon, 'SIGKILL');
    await eventually('another daemon runs', () => home.pid('daemon') !== daemon, 30_000);
    await progress();
    await home.droverOk('daemon', 'restart');
    await progress();
    stop = true;
    await Promise.all(writers);

    const { items, metadata } = await core.listNamespacedPod({ namespace });
    const versions = (pods: readonly ClientNode.V1Pod[]) => Object.fromEntries(pods.map((one) => [one.metadata?.name, one.metadata?.resourceVersion]));
    const listed = versions(items);
    await eventually('the informer has caught up', () => JSON.stringify(sorted(versions(informer.list()))) === JSON.stringify(sorted(listed)), 60_000).catch(
      () => undefined,
    );
    expect(versions(informer.list())).toEqual(listed);
    ending = true;
    await informer.stop();
    expect(metadata?.resourceVersion).toMatch(/^\d+$/);
    expect(wrong).toEqual([]);
    for (const [name, history] of histories) expect(`${name} ${history.at(-1)?.event === 'delete'}`).toBe(`${name} ${!(name in listed)}`);
    expect(writes).toBeGreaterThan(60);
    expect(breaks).toBeGreaterThan(0);
  });

  it('pages through them: every pod once, as many as the list has', async () => {
    const { core } = clients(home);
    let continued: string | undefined;
    let total = 0;
    let pages = 0;
    do {
      const page = await core.listNamespacedPod({ namespace: 'default', limit: 1500, ...(continued ? { _continue: continued } : {}) });
      total += page.items.length;
      pages += 1;
      continued = page.metadata?._continue;
    } while (continued);
    expect(total).toBe((await core.listNamespacedPod({ namespace: 'default' })).items.length);
    expect(pages).toBe(Math.ceil(total / 1500));
  });
});

const sorted = (record: Record<string, unknown>) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

describe('@kubernetes/client-node with real processes', () => {
  let home: TestHome;
  let directory: string;
  beforeAll(async () => {
    home = await started();
    directory = mkdtempSync(join(tmpdir(), 'drover-client-'));
    writeFileSync(join(directory, 'app.cjs'), "let n = 0; console.log('begin'); setInterval(() => console.log('tick', n++), 50);");
  });
  afterAll(async () => {
    await home.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('creates, watches, patches, runs commands in, reads logs of, and deletes pods', async () => {
    const { config, core, apps } = clients(home);
    const namespace = 'default';
    const phases: string[] = [];
    const watching = await new k8s.Watch(config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { labelSelector: 'app=c' },
      (phase: string, object: ClientNode.V1Pod) => void phases.push(`${phase} ${object.status?.phase}`),
      () => undefined,
    );
    const labels = { app: 'c' };
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'c' },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'node:20', command: ['node', join(directory, 'app.cjs')] }] } },
        },
      },
    });
    await eventually('it is available', async () => (await apps.readNamespacedDeployment({ namespace, name: 'c' })).status?.availableReplicas === 1);
    await eventually('the watch saw it run', () => phases.includes('MODIFIED Running'));
    expect(phases[0]).toBe('ADDED Pending');
    const [running] = (await core.listNamespacedPod({ namespace, labelSelector: 'app=c' })).items;
    const name = running?.metadata?.name ?? '';

    const patched = await apps.patchNamespacedDeployment(
      { namespace, name: 'c', body: [{ op: 'add', path: '/metadata/annotations/note', value: 'x' }] },
      k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.JsonPatch),
    );
    expect(patched.metadata?.annotations?.['note']).toBe('x');
    const scaled = await apps.patchNamespacedDeploymentScale(
      { namespace, name: 'c', body: { spec: { replicas: 2 } } },
      k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch),
    );
    expect(scaled.spec?.replicas).toBe(2);
    await expect(core.readNamespacedPod({ namespace, name: 'nothing' })).rejects.toMatchObject({ code: 404 });

    const out = new PassThrough();
    const typed = new PassThrough();
    let printed = '';
    out.on('data', (data) => {
      printed += String(data);
    });
    const status = await new Promise<ClientNode.V1Status>((done, failed) => {
      const script = 'process.stdin.on("data", (d) => process.stdout.write(String(d).toUpperCase())).on("end", () => process.exit(6))';
      new k8s.Exec(config).exec(namespace, name, 'c', ['node', '-e', script], out, null, typed, false, done).catch(failed);
      typed.end('typed');
    });
    expect(printed).toBe('TYPED');
    expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '6' }] } });

    expect(await core.readNamespacedPodLog({ namespace, name, limitBytes: 6 })).toBe('begin\n');
    const following = new PassThrough();
    let followed = '';
    following.on('data', (data) => {
      followed += String(data);
    });
    const stop = await new k8s.Log(config).log(namespace, name, 'c', following, { follow: true, tailLines: 1 });
    await eventually('the log is followed', () => followed.trim().split('\n').length > 5);
    stop.abort();
    const numbers = [...followed.matchAll(/^tick (\d+)$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));

    await apps.deleteNamespacedDeployment({ namespace, name: 'c', propagationPolicy: 'Foreground' });
    await eventually('all is gone', async () => (await core.listNamespacedPod({ namespace, labelSelector: 'app=c' })).items.length === 0, 60_000);
    await eventually('the watch saw it go', () => phases.some((phase) => phase.startsWith('DELETED')));
    watching.abort();
  });
});
