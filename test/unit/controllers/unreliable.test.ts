import { describe, expect, it } from 'vitest';
import { controllerOf } from '../../../src/apimachinery/index.ts';
import { type Deployment, deployment, endpointSlice, endpoints, namespace, pod, replicaSet, service } from '../../../src/kinds/index.ts';
import { startCluster } from './cluster.ts';

const web = (replicas: number, image: string): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
  },
});

/** The same numbers in every run: a fault that is found can be found again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('Controllers whose writes are refused, whose answers are lost, and which die at any time', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`come to the same end (history ${seed})`, async () => {
      const random = randomNumbers(seed);
      let faulty = true;
      const fate = () => {
        const number = faulty ? random() : 1;
        return number < 0.15 ? 'refused' : number < 0.3 ? 'lost' : 'made';
      };
      const cluster = await startCluster({ fate });
      try {
        await cluster.resource(namespace).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
        const spec = { selector: { app: 'web' }, ports: [{ port: 80 }] };
        await cluster.resource(service).create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec });
        await cluster.resource(deployment).create(web(4, 'web:0'));
        for (let change = 1; change <= 4; change++) {
          await cluster.resource(deployment).patch('web', 'shop', { spec: { replicas: 2 + Math.floor(random() * 6) } }, { type: 'merge' });
          const containers = [{ name: 'c', image: `web:${change}` }];
          await cluster.resource(deployment).patch('web', 'shop', { spec: { template: { spec: { containers } } } }, { type: 'strategic' });
          await cluster.until(replicaSet, (all) => all.some((one) => one.spec?.template?.spec?.containers[0]?.image === `web:${change}`));
          if (random() < 0.7) await cluster.restartControllers();
        }
        faulty = false;
        const { replicas } = (await cluster.resource(deployment).get('web', 'shop')).spec!;
        await cluster.until(deployment, (all) =>
          all.some(
            ({ status, metadata }) =>
              status?.observedGeneration === metadata.generation &&
              status?.replicas === replicas &&
              status?.availableReplicas === replicas &&
              status?.updatedReplicas === replicas,
          ),
        );
        const pods = await cluster.until(pod, (all) => all.length === replicas && all);
        expect(pods.map((one) => one.spec?.containers[0]?.image)).toEqual(pods.map(() => 'web:4'));
        const sets = (await cluster.resource(replicaSet).list()).items;
        expect(new Set(sets.map((set) => JSON.stringify(set.spec?.template?.spec))).size).toBe(sets.length);
        expect(sets.every((set) => controllerOf(set)?.name === 'web')).toBe(true);
        const addresses = pods.map((one) => one.status?.podIP).sort();
        await cluster.until(endpointSlice, (all) => {
          const listed = all.filter((slice) => slice.metadata.namespace === 'shop').flatMap((slice) => (slice.endpoints ?? []).flatMap((one) => one.addresses));
          return JSON.stringify(listed.sort()) === JSON.stringify(addresses);
        });
        await cluster.until(endpoints, (all) => all.some((one) => one.metadata.name === 'web' && one.subsets?.[0]?.addresses?.length === replicas));
        faulty = true;
        await cluster.resource(namespace).delete('shop');
        await cluster.restartControllers();
        faulty = false;
        await cluster.until(namespace, (all) => !all.some((one) => one.metadata.name === 'shop'));
        for (const kind of [pod, replicaSet, deployment, service, endpoints, endpointSlice]) {
          const { items } = await cluster.client.dynamic(kind).list();
          expect(items.filter((item) => item.metadata.namespace === 'shop')).toEqual([]);
        }
      } finally {
        await cluster.close();
      }
    });
  }
});
