import { spawn } from 'node:child_process';
import { startLoad, untilServing } from '../lib/load.mjs';
import { app, drover, pm2 } from '../lib/managers.mjs';
import { median, report, sleep } from '../lib/report.mjs';

const port = 18082;

/** Requests a second of one app in two processes: drover's shared port, node:cluster alone, and PM2's cluster mode. */
export default async function measure({ quick }) {
  const seconds = quick ? 3 : 8;
  const figures = {};
  const drive = async (name) => {
    await untilServing(port);
    for (const keepAlive of [true, false]) {
      const runs = [];
      for (let round = 0; round < (quick ? 1 : 3); round += 1) {
        const load = startLoad({ port, connections: 32, keepAlive });
        await sleep(seconds * 1000);
        runs.push((await load.stop()).rps);
      }
      figures[`${name} ${keepAlive}`] = median(runs);
    }
  };
  process.env.PORT = String(port);
  for (const make of [drover, pm2]) {
    const manager = make();
    await manager.command('start', app('http.cjs'), '--name', 'web', '-i', '2');
    await drive(manager.name);
    await manager.end();
  }
  const child = spawn(process.execPath, [app('cluster.cjs')], { env: { ...process.env, PORT: String(port) } });
  await drive('cluster');
  child.kill();
  const rows = (peer) => [
    { what: 'keep-alive, requests/s', drover: figures['drover true'], peer: figures[`${peer} true`], goal: '≥ 1.0' },
    { what: 'a connection each, requests/s', drover: figures['drover false'], peer: figures[`${peer} false`], goal: '≥ 1.3' },
  ];
  report('node:cluster', rows('cluster'));
  report('pm2', rows('pm2'));
}
