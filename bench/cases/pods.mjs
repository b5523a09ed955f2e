import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { podSpec, simulatedCluster } from '../lib/cluster.mjs';
import { usage } from '../lib/managers.mjs';
import { report, sleep } from '../lib/report.mjs';

/** From creating a Deployment to all of its simulated pods Ready: how the cost grows with their number. */
export default async function measure({ quick }) {
  const rows = [];
  for (const [count, goal] of quick
    ? [
        [300, ''],
        [1000, '≤ 5 s'],
      ]
    : [
        [1000, '≤ 5 s'],
        [3000, ''],
        [10_000, '≤ 60 s'],
      ]) {
    const cluster = simulatedCluster();
    try {
      const started = performance.now();
      await cluster.ask('POST', '/apis/apps/v1/namespaces/default/deployments', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'many' },
        spec: { replicas: count, selector: { matchLabels: { app: 'many' } }, template: { metadata: { labels: { app: 'many' } }, spec: podSpec } },
      });
      let ready = 0;
      while (ready < count) {
        await sleep(100);
        ready = (await cluster.ask('GET', '/apis/apps/v1/namespaces/default/deployments/many')).body().status?.readyReplicas ?? 0;
        if (performance.now() - started > 180_000) throw new Error(`${ready} of ${count} pods are ready after 180 s`);
      }
      const seconds = (performance.now() - started) / 1000;
      const daemon = Number(readFileSync(join(cluster.home, 'run/daemon.pid'), 'utf8').split(/\s/)[0]);
      rows.push({ what: `${count} pods Ready`, drover: seconds, unit: 's', goal });
      rows.push({ what: '  per pod', drover: (seconds / count) * 1000, unit: 'ms' });
      rows.push({ what: '  daemon, resident', drover: usage([daemon]).rssMb, unit: 'MB' });
    } finally {
      cluster.end();
    }
  }
  report('', rows);
}
