import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { startLoad, untilServing } from '../lib/load.mjs';
import { app, drover, pm2 } from '../lib/managers.mjs';
import { median, report, sleep } from '../lib/report.mjs';

const ports = { drover: 18082, pm2: 18085, cluster: 18086 };
const run = promisify(execFile);
const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

/** Requests a second over 32 connections. With wrk if it is installed: a load in Node costs as much as what it measures. */
async function requestsPerSecond(port, seconds, keepAlive) {
  if (!hasWrk) {
    const load = startLoad({ port, connections: 32, keepAlive });
    await sleep(seconds * 1000);
    return (await load.stop()).rps;
  }
  const close = keepAlive ? [] : ['-H', 'Connection: close'];
  const { stdout } = await run('wrk', ['-t1', '-c32', `-d${seconds}`, ...close, `http://127.0.0.1:${port}/`]);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]);
}

/** Requests a second of one app in two processes: drover's shared port, node:cluster alone, and PM2's cluster mode, in turns. */
export default async function measure({ quick }) {
  const seconds = quick ? 1 : 3;
  const managers = [];
  for (const make of [drover, pm2]) {
    process.env.PORT = String(ports[make.name]);
    const manager = make();
    managers.push(manager);
    await manager.command('start', app('http.cjs'), '--name', 'web', '-i', '2');
  }
  const cluster = spawn(process.execPath, [app('cluster.cjs')], { env: { ...process.env, PORT: String(ports.cluster) } });
  const names = Object.keys(ports);
  const figures = new Map();
  for (const name of names) await untilServing(ports[name]);
  console.log(`  load: ${hasWrk ? 'wrk' : 'Node'}, 32 connections, ${seconds} s each in turns; medians`);
  // The first round warms up.
  for (let round = 0; round <= (quick ? 3 : 7); round += 1) {
    for (const keepAlive of [true, false]) {
      for (const name of names) {
        const figure = await requestsPerSecond(ports[name], seconds, keepAlive);
        if (round > 0) figures.set(`${name} ${keepAlive}`, [...(figures.get(`${name} ${keepAlive}`) ?? []), figure]);
      }
    }
  }
  cluster.kill();
  for (const manager of managers) await manager.end();
  const of = (name, keepAlive) => median(figures.get(`${name} ${keepAlive}`));
  const rows = (peer) => [
    { what: 'keep-alive, requests/s', drover: of('drover', true), peer: of(peer, true), goal: '≥ 1.0' },
    { what: 'a connection each, requests/s', drover: of('drover', false), peer: of(peer, false), goal: '≥ 1.3' },
  ];
  report('node:cluster', rows('cluster'));
  report('pm2', rows('pm2'));
}
