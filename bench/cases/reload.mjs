import { startLoad, untilServing } from '../lib/load.mjs';
import { app, drover, pm2 } from '../lib/managers.mjs';
import { report, sleep } from '../lib/report.mjs';

const port = 18081;

/** Failed requests over consecutive reloads under a constant rate. */
export default async function measure({ quick }) {
  const rows = [];
  for (const instances of [2, 4]) {
    for (const keepAlive of [true, false]) {
      const row = { what: `${instances} replicas, ${keepAlive ? 'keep-alive' : 'a connection each'}: failed requests`, goal: '0' };
      for (const make of [drover, pm2]) {
        process.env.PORT = String(port);
        const manager = make();
        await manager.command('start', app('http.cjs'), '--name', 'web', '-i', String(instances));
        await untilServing(port);
        const load = startLoad({ port, rate: 500, keepAlive });
        await sleep(500);
        for (let round = 0; round < (quick ? 2 : 10); round += 1) await manager.command('reload', 'web');
        await sleep(500);
        const { failed, sent, why } = await load.stop();
        row[manager.name === 'drover' ? 'drover' : 'peer'] = failed;
        console.log(`  ${manager.name}: ${failed} of ${sent} failed ${JSON.stringify(why)}`);
        await manager.end();
      }
      rows.push(row);
    }
  }
  report('pm2', rows);
}
