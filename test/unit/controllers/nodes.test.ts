import { afterEach, describe, expect, it } from 'vitest';
import { lease, namespace, node, pod } from '../../../src/kinds/index.ts';
import { rfc3339, rfc3339Micro } from '../../../src/std/index.ts';
import { startCluster, type TestCluster } from './cluster.ts';
import { ManualClock } from './manual-clock.ts';

let cluster: TestCluster;
let clock: ManualClock;
afterEach(async () => {
  const { errors } = cluster;
  // Whatever waits for a while before it gives up gets its while.
  await Promise.all([cluster.close(), clock.advance(60_000)]);
  expect(errors).toEqual([]);
});

async function startWithNode(): Promise<void> {
  clock = new ManualClock();
  cluster = await startCluster({ clock, kubelet: false });
  await cluster
    .resource(namespace)
    .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } })
    .catch(() => undefined);
  await cluster.resource(node).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  await sayReady();
  await cluster.resource(lease).create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'n1', namespace: 'kube-node-lease' },
    spec: { holderIdentity: 'n1', renewTime: rfc3339Micro(clock.now()) },
  });
  const made = await cluster.resource(pod).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
  });
  const status = { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: rfc3339(clock.now()) }] };
  await cluster.resource(pod).updateStatus({ ...made, status });
  for (const kind of [node, pod, lease]) await cluster.informers.informer<never>(kind as never).synced();
}

async function sayReady(): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: rfc3339(clock.now()), lastTransitionTime: rfc3339(clock.now()) }];
  const live = await cluster.resource(node).get('n1');
  await cluster.resource(node).updateStatus({ ...live, status: { ...live.status, conditions } });
}

async function renew(): Promise<void> {
  await cluster.resource(lease).patch('n1', 'kube-node-lease', { spec: { renewTime: rfc3339Micro(clock.now()) } }, { type: 'merge' });
}

const readiness = async (): Promise<string | undefined> =>
  (await cluster.resource(node).get('n1')).status?.conditions?.find((condition) => condition.type === 'Ready')?.status;
const podReadiness = async (): Promise<string | undefined> => (await cluster.resource(pod).get('p', 'default')).status?.conditions?.[0]?.status;
const taints = async (): Promise<readonly string[]> =>
  ((await cluster.resource(node).get('n1')).spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`);

describe('A node', () => {
  it('that renews its lease stays ready', async () => {
    await startWithNode();
    for (let second = 0; second < 120; second += 10) {
      await clock.advance(10_000);
      await renew();
    }
    expect([await readiness(), await podReadiness(), await taints()]).toEqual(['True', 'True', []]);
  });

  it('that falls silent becomes unknown after 40 s, its pods not ready, and after their 300 s they are evicted', async () => {
    await startWithNode();
    await clock.advance(35_000);
    expect(await readiness()).toBe('True');
    await clock.advance(15_000);
    await cluster.until(pod, (all) => all.some((one) => one.status?.conditions?.[0]?.status === 'False'));
    await cluster.until(node, (all) => all.some((one) => one.spec?.taints?.length === 2));
    expect(await readiness()).toBe('Unknown');
    expect(await taints()).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
    await clock.advance(280_000);
    expect((await cluster.resource(pod).get('p', 'default')).metadata.deletionTimestamp).toBeUndefined();
    await clock.advance(30_000);
    await cluster.until(pod, (all) => all.some((one) => one.metadata.deletionTimestamp !== undefined));
  });

  it('that comes back loses its taints, and its pods stay', async () => {
    await startWithNode();
    await clock.advance(60_000);
    await cluster.until(node, (all) => all.some((one) => one.spec?.taints?.length === 2));
    expect(await readiness()).toBe('Unknown');
    await renew();
    await sayReady();
    await clock.advance(6_000);
    await cluster.until(node, (all) => all.every((one) => one.spec?.taints === undefined));
    for (let second = 0; second < 400; second += 10) {
      await renew();
      await clock.advance(10_000);
    }
    expect((await cluster.resource(pod).get('p', 'default')).metadata.deletionTimestamp).toBeUndefined();
  });

  it('is not judged for time in which this process stood still', async () => {
    await startWithNode();
    await clock.advance(5_000);
    await clock.standStill(3_600_000);
    await clock.advance(20_000);
    expect([await readiness(), await podReadiness()]).toEqual(['True', 'True']);
  });

  it('is not judged by a lease that nobody could renew while there was no daemon', async () => {
    await startWithNode();
    await clock.advance(60_000);
    await cluster.until(node, (all) => all.some((one) => one.spec?.taints?.length === 2));
    expect(await readiness()).toBe('Unknown');
    await clock.standStill(3_600_000);
    await cluster.restartControllers();
    await clock.advance(30_000);
    expect((await cluster.resource(pod).get('p', 'default')).metadata.deletionTimestamp).toBeUndefined();
    await renew();
    await sayReady();
    await clock.advance(20_000);
    expect([await readiness(), await taints()]).toEqual(['True', []]);
    expect((await cluster.resource(pod).get('p', 'default')).metadata.deletionTimestamp).toBeUndefined();
  });
});
