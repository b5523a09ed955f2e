import { Agent, get } from 'node:http';
import { untilServing } from '../lib/load.mjs';
import { app, drover, pm2 } from '../lib/managers.mjs';
import { report, sleep } from '../lib/report.mjs';

const ports = { drover: 18083, pm2: 18084 };

/** Asks `count` times, `parallel` at a time; resolves with the answers per pid. */
async function share({ port, count, parallel, agent }) {
  const pids = {};
  let left = count;
  const one = () =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/', agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve(text));
      }).on('error', reject);
    });
  const loop = async () => {
    while (left > 0) {
      left -= 1;
      const pid = await one();
      pids[pid] = (pids[pid] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
  return pids;
}

/** The kept-alive connections of each replica after 32 came at once. */
async function keptAlive(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, maxFreeSockets: 32 });
  const pids = await share({ port, count: 32, parallel: 32, agent });
  agent.destroy();
  await sleep(300);
  return pids;
}

/** How far the replica furthest from the mean is from it, in percent. */
function deviation(pids, instances) {
  const counts = [...Object.values(pids), ...Array(instances).fill(0)].slice(0, instances);
  const mean = counts.reduce((sum, count) => sum + count, 0) / instances;
  return Math.max(...counts.map((count) => Math.abs(count - mean) / mean)) * 100;
}

/** How evenly connections spread over the replicas of an app. */
export default async function measure({ quick }) {
  const rows = [];
  for (const instances of [2, 4]) {
    const managers = [];
    for (const make of [drover, pm2]) {
      process.env.PORT = String(ports[make.name]);
      const manager = make();
      managers.push(manager);
      await manager.command('start', app('pid.cjs'), '--name', 'web', '-i', String(instances));
      await untilServing(ports[manager.name]);
    }
    await sleep(1000);
    const count = quick ? 2000 : 10_000;
    for (const [what, ask, goal] of [
      [`${count} short connections, 16 at a time`, (port) => share({ port, count, parallel: 16, agent: false }), '≤ 10'],
      [`${count} short connections, one after the other`, (port) => share({ port, count, parallel: 1, agent: false }), '≤ 10'],
      ['32 kept-alive connections at once', keptAlive, undefined],
    ]) {
      const row = { what: `${instances} replicas, ${what}: furthest from the mean`, unit: '%', goal };
      for (const manager of managers) {
        const pids = await ask(ports[manager.name]);
        console.log(`  ${manager.name}, ${instances} replicas, ${what}: ${Object.values(pids).join(' ')}`);
        row[manager.name === 'drover' ? 'drover' : 'peer'] = deviation(pids, instances);
      }
      rows.push(row);
    }
    for (const manager of managers) await manager.end();
  }
  report('pm2', rows);
}
