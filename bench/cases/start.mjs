import { app, drover, pm2 } from '../lib/managers.mjs';
import { median, report } from '../lib/report.mjs';

/**
 * `start` of one app with nothing running, with the daemon running, of 50 instances; and `list`. Whole commands, as a user waits for them. The two
 * take turns, so that what else the machine does meets both. drover's `start` returns when the app serves; PM2's when it was spawned.
 */
export default async function measure({ quick }) {
  const rounds = quick ? 3 : 9;
  const times = { drover: {}, pm2: {} };
  const note = async (manager, key, ...args) => {
    const { ms } = await manager.command(...args);
    times[manager.name][key] = [...(times[manager.name][key] ?? []), ms];
  };
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    for (const make of [drover, pm2]) {
      const fresh = make();
      await note(fresh, 'cold', 'start', app('idle.cjs'), '--name', 'first');
      await fresh.end();
    }
  }
  const managers = [drover(), pm2()];
  for (const manager of managers) await manager.command('start', app('idle.cjs'), '--name', 'first');
  for (let round = 0; round < rounds; round += 1)
    for (const manager of managers) await note(manager, 'warm', 'start', app('idle.cjs'), '--name', `app-${round}`);
  for (let round = 0; round < rounds; round += 1) for (const manager of managers) await note(manager, 'list', 'list');
  for (const manager of managers) await note(manager, 'fifty', 'start', app('idle.cjs'), '--name', 'fifty', '-i', '50');
  for (const manager of managers) await manager.end();
  const row = (what, key, goal) => ({ what, drover: median(times.drover[key]), peer: median(times.pm2[key]), unit: 'ms', goal });
  report('pm2', [
    row('start, daemon running', 'warm', '≤ 0.5'),
    row('start, nothing running', 'cold', '≤ 0.8'),
    row('list', 'list', '≤ 0.5'),
    row('start -i 50', 'fifty', ''),
  ]);
}
