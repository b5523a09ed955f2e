import { podSpec, simulatedCluster } from '../lib/cluster.mjs';
import { percentile, report, sleep } from '../lib/report.mjs';

const pods = '/api/v1/namespaces/default/pods';
const pod = (index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  // Nobody schedules them: what is measured is the API.
  metadata: { name: `pod-${String(index).padStart(5, '0')}`, labels: { app: 'bench', shard: String(index % 100) }, annotations: { note: 'x'.repeat(400) } },
  spec: { ...podSpec, schedulerName: 'nobody' },
});

/** get, list and watch with 10,000 pods over the Unix socket, one client process. */
export default async function measure({ quick }) {
  const count = quick ? 2000 : 10_000;
  const cluster = simulatedCluster();
  try {
    const started = performance.now();
    for (let from = 0; from < count; from += 32)
      await Promise.all(Array.from({ length: Math.min(32, count - from) }, (_, at) => cluster.ask('POST', pods, pod(from + at))));
    const created = performance.now() - started;
    const timed = async (rounds, one) => {
      const times = [];
      for (let round = 0; round < rounds; round += 1) {
        const begun = performance.now();
        await one(round);
        times.push(performance.now() - begun);
      }
      return times;
    };
    const gets = await timed(2000, (round) => cluster.ask('GET', `${pods}/${pod((round * 7919) % count).metadata.name}`));
    const lists = await timed(5, () => cluster.ask('GET', pods));
    const selected = await timed(5, () => cluster.ask('GET', `${pods}?labelSelector=shard%3D7`));
    const { bytes } = await cluster.ask('GET', pods);
    let seen = 0;
    const watchers = Array.from({ length: 100 }, () => cluster.watch(pods, () => (seen += 1)));
    for (let waited = 0; seen < 100 * count && waited < 60_000; waited += 50) await sleep(50);
    seen = 0;
    const begun = performance.now();
    await cluster.ask('PUT', `${pods}/${pod(1).metadata.name}`, {
      ...(await cluster.ask('GET', `${pods}/${pod(1).metadata.name}`)).body(),
      metadata: { ...(await cluster.ask('GET', `${pods}/${pod(1).metadata.name}`)).body().metadata, annotations: { changed: 'yes' } },
    });
    while (seen < 100 && performance.now() - begun < 10_000) await sleep(1);
    const fanOut = performance.now() - begun;
    for (const watcher of watchers) watcher.close();
    report('', [
      { what: `create, one of ${count}, 32 at once`, drover: created / count, unit: 'ms' },
      { what: 'get, p50', drover: percentile(gets, 0.5), unit: 'ms' },
      { what: 'get, p99', drover: percentile(gets, 0.99), unit: 'ms', goal: '≤ 3 ms' },
      { what: `list of ${count} pods (${(bytes / 1e6).toFixed(1)} MB)`, drover: percentile(lists, 0.5), unit: 'ms', goal: '≤ 250 ms' },
      { what: 'list of 1 % by label', drover: percentile(selected, 0.5), unit: 'ms' },
      { what: 'one change to 100 watchers', drover: fanOut, unit: 'ms' },
    ]);
  } finally {
    cluster.end();
  }
}
