import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { untilServing } from '../lib/load.mjs';
import { app, drover, pm2 } from '../lib/managers.mjs';
import { median, report, sleep } from '../lib/report.mjs';

const port = 18080;
process.env.PORT = String(port);

/** From kill -9 of a single instance to its first answer, beyond the app's own boot (measured without any manager). */
export default async function measure({ quick }) {
  const rounds = quick ? 3 : 9;
  const own = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const child = spawn(process.execPath, [app('http.cjs')], { env: { ...process.env, PORT: String(port) } });
    await untilServing(port);
    own.push(performance.now() - started);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const figures = {};
  for (const make of [drover, pm2]) {
    const manager = make();
    await manager.command('start', app('http.cjs'), '--name', 'web');
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      await untilServing(port);
      await sleep(12_000 / 4);
      const [pid] = await manager.pids();
      process.kill(pid, 'SIGKILL');
      times.push(await untilServing(port));
    }
    figures[manager.name] = median(times);
    await manager.end();
  }
  const boot = median(own);
  report('pm2', [
    { what: "the app's own boot", drover: boot, peer: boot, unit: 'ms' },
    { what: 'kill -9 to first answer', drover: figures.drover, peer: figures.pm2, unit: 'ms' },
    { what: "beyond the app's boot", drover: figures.drover - boot, peer: figures.pm2 - boot, unit: 'ms', goal: '≤ 30 ms' },
  ]);
}
