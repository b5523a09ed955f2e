import { app, drover, pm2 } from '../lib/managers.mjs';
import { median, report } from '../lib/report.mjs';

/** `start` of one app with nothing running, with the daemon running, of 50 instances; and `list`. Whole commands, as a user waits for them. */
export default async function measure({ quick }) {
  const rounds = quick ? 3 : 7;
  const figures = {};
  for (const make of [drover, pm2]) {
    const cold = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      const fresh = make();
      cold.push((await fresh.command('start', app('idle.cjs'), '--name', 'first')).ms);
      await fresh.end();
    }
    const manager = make();
    await manager.command('start', app('idle.cjs'), '--name', 'first');
    const warm = [];
    for (let round = 0; round < rounds; round += 1) warm.push((await manager.command('start', app('idle.cjs'), '--name', `app-${round}`)).ms);
    const list = [];
    for (let round = 0; round < rounds; round += 1) list.push((await manager.command('list')).ms);
    const fifty = (await manager.command('start', app('idle.cjs'), '--name', 'fifty', '-i', '50')).ms;
    await manager.end();
    figures[manager.name] = { cold: median(cold), warm: median(warm), list: median(list), fifty };
  }
  const row = (what, key, goal) => ({ what, drover: figures.drover[key], peer: figures.pm2[key], unit: 'ms', goal });
  report('pm2', [
    row('start, daemon running', 'warm', '≤ 0.5'),
    row('start, nothing running', 'cold', '≤ 0.8'),
    row('list', 'list', '≤ 0.5'),
    row('start -i 50', 'fifty', ''),
  ]);
}
