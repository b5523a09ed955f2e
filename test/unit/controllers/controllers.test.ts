import { afterEach, describe, expect, it } from 'vitest';
import { controllerOf } from '../../../src/apimachinery/index.ts';
import {
  configMap,
  type Deployment,
  deployment,
  endpointSlice,
  endpoints,
  event,
  namespace,
  type Pod,
  pod,
  replicaSet,
  service,
  serviceAccount,
} from '../../../src/kinds/index.ts';
import { startCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(async () => {
  const { errors } = cluster;
  await cluster.close();
  expect(errors).toEqual([]);
});

const web = (replicas = 3): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }] } },
  },
});

const reason = (one: Deployment, type: string) => one.status?.conditions?.find((condition) => condition.type === type)?.reason;
const isDone = (one: Deployment) =>
  one.status?.observedGeneration === one.metadata.generation &&
  reason(one, 'Progressing') === 'NewReplicaSetAvailable' &&
  one.status?.replicas === one.status?.updatedReplicas;
const done = () => cluster.until(deployment, (all) => all.find(isDone));

const setImage = (image: string) =>
  cluster.resource(deployment).patch('web', 'default', { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } }, { type: 'strategic' });

describe('Controllers on a real API server', () => {
  it('bring a Deployment up, and tell it in status and events as Kubernetes does', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web());
    const up = await done();
    expect(up.status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(up.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
    const [set] = (await cluster.resource(replicaSet).list()).items;
    expect(set!.metadata.name).toMatch(/^web-[a-z0-9]+$/);
    expect(set!.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
      'deployment.kubernetes.io/revision': '1',
    });
    const pods = (await cluster.resource(pod).list()).items;
    expect(pods.map((one) => controllerOf(one)?.uid)).toEqual([1, 2, 3].map(() => set!.metadata.uid));
    await cluster.until(event, (all) => all.some((one) => one.message === `Scaled up replica set ${set!.metadata.name} from 0 to 3`));
    await cluster.until(event, (all) => all.filter((one) => one.reason === 'SuccessfulCreate').length === 3);
  });

  it('roll an image change without ever having too few ready or too many pods', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web());
    await done();
    const seen = { ready: 99, total: 0 };
    const informer = cluster.informers.informer(pod);
    const count = (): void => {
      const active = informer.list().filter((one) => one.metadata.deletionTimestamp === undefined);
      seen.total = Math.max(seen.total, active.length);
      seen.ready = Math.min(
        seen.ready,
        active.filter((one) => one.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')).length,
      );
    };
    informer.subscribe({ added: count, updated: count, deleted: count });
    await setImage('web:2');
    const rolled = await cluster.until(deployment, (all) =>
      all.find((one) => isDone(one) && one.metadata.annotations?.['deployment.kubernetes.io/revision'] === '2'),
    );
    expect(rolled.status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
    expect(seen).toEqual({ ready: 3, total: 4 });
    const told = (await cluster.resource(event).list()).items
      .filter((one) => one.reason === 'ScalingReplicaSet')
      .map((one) => one.message!.replace(/web-\w+/, 'web'));
    expect(told.slice(0, 2)).toEqual(['Scaled up replica set web from 0 to 3', 'Scaled up replica set web from 0 to 1']);
  });

  it('never let broken code replace what serves', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web());
    await done();
    cluster.setReady((one) => one.spec?.containers[0]?.image !== 'web:broken');
    await setImage('web:broken');
    await cluster.until(pod, (all) => all.some((one) => one.spec?.containers[0]?.image === 'web:broken' && one.status?.phase === 'Running'));
    await cluster.restartControllers();
    const good = (await cluster.resource(pod).list()).items.filter((one) => one.spec?.containers[0]?.image === 'web:1');
    expect(good).toHaveLength(3);
    await setImage('web:1');
    await cluster.until(deployment, (all) => all.some((one) => isDone(one) && one.metadata.annotations?.['deployment.kubernetes.io/revision'] === '3'));
  });

  it('replace a deleted pod and a deleted ReplicaSet', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web());
    await done();
    const victim = (await cluster.resource(pod).list()).items[0]!;
    await cluster.resource(pod).delete(victim.metadata.name!, 'default');
    await cluster.until(pod, (all) => !all.some((one) => one.metadata.uid === victim.metadata.uid) && all.length === 3);
    const set = (await cluster.resource(replicaSet).list()).items[0]!;
    await cluster.resource(replicaSet).delete(set.metadata.name!, 'default');
    await cluster.until(pod, (all) => all.length === 3 && all.every((one) => controllerOf(one)?.uid !== set.metadata.uid));
  });

  it('keep EndpointSlices and Endpoints in step with pods', async () => {
    cluster = await startCluster();
    await cluster.resource(service).create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    });
    await cluster.until(endpointSlice, (all) => all.length === 1);
    await cluster.resource(deployment).create(web());
    const slice = await cluster.until(endpointSlice, (all) => all.find((one) => one.endpoints?.filter((endpoint) => endpoint.conditions?.ready).length === 3));
    expect(slice.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice.metadata.labels).toMatchObject({
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    await cluster.until(endpoints, (all) => all.find((one) => one.subsets?.[0]?.addresses?.length === 3));
    let down: Pod | undefined;
    cluster.setReady((one) => one.metadata.uid !== down?.metadata.uid);
    down = (await cluster.resource(pod).list()).items[0]!;
    await cluster.resource(pod).patch(down.metadata.name!, 'default', { metadata: { annotations: { look: 'again' } } }, { type: 'merge' });
    await cluster.until(endpoints, (all) => all.find((one) => one.subsets?.[0]?.notReadyAddresses?.length === 1));
    await cluster.until(endpointSlice, (all) => all.find((one) => one.endpoints?.some((endpoint) => endpoint.conditions?.serving === false)));
    await cluster.resource(service).delete('web', 'default');
    await cluster.until(endpointSlice, (all) => all.length === 0);
    await cluster.until(endpoints, (all) => all.length === 0);
  });

  it('mirror the addresses that a user lists for a service without a selector', async () => {
    cluster = await startCluster();
    await cluster
      .resource(service)
      .create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'default' }, spec: { ports: [{ port: 5432 }] } });
    await cluster.resource(endpoints).create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'db', namespace: 'default' },
      subsets: [{ addresses: [{ ip: '10.9.9.9' }], ports: [{ port: 5432 }] }],
    });
    const slice = await cluster.until(endpointSlice, (all) => all.find((one) => one.endpoints?.length === 1));
    expect(slice.endpoints![0]!.addresses).toEqual(['10.9.9.9']);
  });

  for (const propagationPolicy of ['Background', 'Foreground', 'Orphan'] as const) {
    it(`end a ${propagationPolicy} deletion`, async () => {
      cluster = await startCluster();
      await cluster.resource(deployment).create(web());
      await done();
      await cluster.resource(deployment).delete('web', 'default', { propagationPolicy });
      await cluster.until(deployment, (all) => all.length === 0);
      if (propagationPolicy === 'Orphan') {
        const set = await cluster.until(replicaSet, (all) =>
          all.find((one) => one.metadata.ownerReferences === undefined || one.metadata.ownerReferences.length === 0),
        );
        expect(set.status?.replicas).toBe(3);
        await cluster.resource(deployment).create(web());
        await cluster.until(replicaSet, (all) => all.length === 1 && controllerOf(all[0]!)?.kind === 'Deployment');
        return;
      }
      await cluster.until(replicaSet, (all) => all.length === 0);
      await cluster.until(pod, (all) => all.length === 0);
    });
  }

  it('give a namespace what it needs, empty it and let it go', async () => {
    cluster = await startCluster();
    await cluster.resource(namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await cluster.until(serviceAccount, (all) => all.some((one) => one.metadata.namespace === 'shop' && one.metadata.name === 'default'));
    await cluster.until(configMap, (all) => all.some((one) => one.metadata.namespace === 'shop' && one.data?.['ca.crt'] === 'PEM'));
    await cluster.resource(deployment).create({ ...web(), metadata: { name: 'web', namespace: 'shop' } });
    await cluster.until(pod, (all) => all.length === 3);
    await cluster.resource(namespace).delete('shop');
    await cluster.until(namespace, (all) => !all.some((one) => one.metadata.name === 'shop'));
    for (const kind of [pod, replicaSet, deployment, configMap, serviceAccount]) {
      const { items } = await cluster.client.dynamic(kind).list({ namespace: 'shop' });
      expect(items).toEqual([]);
    }
  });

  it('recreate: no new pod before the last old one is gone', async () => {
    cluster = await startCluster();
    const created = web();
    await cluster.resource(deployment).create({ ...created, spec: { ...created.spec!, strategy: { type: 'Recreate' } } });
    await done();
    const mixed: string[] = [];
    const informer = cluster.informers.informer(pod);
    const look = (): void => {
      const images = new Set(informer.list().map((one) => one.spec?.containers[0]?.image ?? ''));
      if (images.size > 1) mixed.push([...images].join());
    };
    informer.subscribe({ added: look, updated: look });
    await setImage('web:2');
    await cluster.until(deployment, (all) => all.find((one) => isDone(one) && one.metadata.annotations?.['deployment.kubernetes.io/revision'] === '2'));
    expect(mixed).toEqual([]);
  });

  it('give a ReplicaSet another name when somebody has taken its own', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web());
    await done();
    const taken = (await cluster.resource(replicaSet).list()).items[0]!.metadata.name!;
    await cluster.resource(deployment).delete('web', 'default', { propagationPolicy: 'Foreground' });
    await cluster.until(replicaSet, (all) => all.length === 0);
    await cluster.until(deployment, (all) => all.length === 0);
    const template = { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'c', image: 'other' }] } };
    const other = { replicas: 0, selector: { matchLabels: { app: 'other' } }, template };
    await cluster.resource(replicaSet).create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: taken, namespace: 'default' }, spec: other });
    await cluster.resource(deployment).create(web());
    const up = await done();
    expect(up.status?.collisionCount).toBe(1);
    const sets = (await cluster.resource(replicaSet).list()).items;
    expect(sets.filter((set) => controllerOf(set)?.uid === up.metadata.uid).map((set) => set.metadata.name === taken)).toEqual([false]);
  });

  it('adopt pods that match and that nobody controls', async () => {
    cluster = await startCluster();
    const stray = { metadata: { name: 'stray', namespace: 'default', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };
    await cluster.resource(pod).create({ apiVersion: 'v1', kind: 'Pod', ...stray });
    const { template } = web().spec!;
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
    await cluster.resource(replicaSet).create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'set', namespace: 'default' }, spec });
    await cluster.until(pod, (all) => all.length === 2 && all.find((one) => one.metadata.name === 'stray' && controllerOf(one)?.name === 'set'));
    await cluster.until(replicaSet, (all) => all.some((one) => one.status?.availableReplicas === 2));
  });

  it('take up their work where others left it', async () => {
    cluster = await startCluster();
    await cluster.resource(deployment).create(web(20));
    await cluster.restartControllers();
    await cluster.resource(deployment).patch('web', 'default', { spec: { replicas: 25 } }, { type: 'merge' });
    await cluster.restartControllers();
    const up = await cluster.until(deployment, (all) => all.find((one) => isDone(one) && one.status?.availableReplicas === 25));
    expect(up.status?.replicas).toBe(25);
    expect((await cluster.resource(pod).list()).items).toHaveLength(25);
    expect((await cluster.resource(replicaSet).list()).items).toHaveLength(1);
  });
});
