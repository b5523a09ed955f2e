import { app, drover, pm2, usage } from '../lib/managers.mjs';
import { report, sleep } from '../lib/report.mjs';

/** 50 idle apps: memory of the manager's processes, its CPU, and what its presence costs inside the apps. */
export default async function measure({ quick }) {
  const seconds = quick ? 10 : 60;
  const figures = {};
  for (const make of [drover, pm2]) {
    const manager = make();
    for (let index = 0; index < 2; index += 1) await manager.command('start', app('idle.cjs'), '--name', `idle-${index}`, '-i', '25');
    await sleep(quick ? 5000 : 15_000);
    const own = manager.managerPids();
    const apps = await manager.pids();
    const before = { own: usage(own), apps: usage(apps) };
    await sleep(seconds * 1000);
    const after = { own: usage(own), apps: usage(apps) };
    figures[manager.name] = {
      rss: after.own.rssMb,
      cpu: ((after.own.cpuSeconds - before.own.cpuSeconds) / seconds) * 100,
      apps: ((after.apps.cpuSeconds - before.apps.cpuSeconds) / seconds) * 100,
    };
    if (manager.name === 'drover') for (const pid of own) console.log(`  drover process ${pid}: ${usage([pid]).rssMb.toFixed(0)} MB resident`);
    await manager.end();
  }
  const row = (what, key, unit, goal) => ({ what, drover: figures.drover[key], peer: figures.pm2[key], unit, goal });
  report('pm2', [
    row('manager, resident', 'rss', 'MB', 'daemon ≤ 100, shim ≤ 50'),
    row('manager, CPU of one core', 'cpu', '%', '< 0.5 %'),
    row('inside the 50 apps, CPU of one core', 'apps', '%', 'nothing added'),
  ]);
}
