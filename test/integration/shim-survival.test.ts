import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProcessRuntime, type Runtime, type RuntimeEvent } from '../../src/runtimes/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

const PORT = 28_471;
const APP_PORT = 28_472;

/** A daemon that does one thing: it serves its pid on a socket that the shim holds. */
const DAEMON = `
import { createServer } from 'node:http';
import { connectShim } from './src/runtimes/index.ts';
import { homePaths, systemClock } from './src/std/index.ts';
const paths = homePaths(process.argv[process.argv.indexOf('--home') + 1]);
const shimProgram = process.argv[1].replace(/daemon.js$/, 'shim.js');
const shim = connectShim({ paths, clock: systemClock, shimProgram, onReplaced: () => process.exit(0) });
process.on('SIGTERM', () => process.exit(0));
shim.subscribe(() => {});
createServer((request, response) => response.end(String(process.pid))).listen(await shim.bind('127.0.0.1', ${PORT}));
`;

let home: ShimHome;
let runtime: Runtime;

beforeAll(async () => {
  home = await startShimHome({ daemon: DAEMON });
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
});
afterAll(() => home.close());

const get = async (port: number) =>
  (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) })).text();

async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await systemClock.sleep(20);
  }
  throw new Error('it did not happen within 10 s');
}

/** Waits until the daemon answers on its socket for the first time; from then on nobody is refused. */
const daemonPid = () => eventually(() => get(PORT).catch(() => undefined));

test('a killed daemon is started again at once, and its callers wait instead of being refused', async () => {
  const before = Number(await daemonPid());
  process.kill(before, 'SIGKILL');
  const after = Number(await get(PORT));
  expect(after).not.toBe(before);
  expect((await home.shim.status()).daemon).toMatchObject({ state: 'running', restarts: 1, lastExit: 'SIGKILL' });
});

test('a stopped daemon stays stopped and its apps run on, until it is started', async () => {
  await daemonPid();
  await home.shim.stopDaemon();
  expect((await home.shim.status()).daemon.state).toBe('stopped');
  await home.shim.call('daemon.start', {});
  expect(Number(await get(PORT))).toBeGreaterThan(0);
});

test('a second shim of the same home is refused with the pid of the first', async () => {
  const { pid } = await home.shim.status();
  const second = await promisify(execFile)(process.execPath, [home.shimProgram, '--home', home.paths.home]).catch((error: unknown) => error);
  expect(second).toMatchObject({ code: 3, stderr: expect.stringContaining(`(pid ${pid})`) });
});

test('a killed shim takes nothing down: apps serve and log on, sockets stay, the next shim adopts', { timeout: 60_000 }, async () => {
  const script = join(home.work, 'app.cjs');
  writeFileSync(
    script,
    `let n=0;setInterval(()=>console.log('line '+n++),5);process.on('disconnect',()=>process.exit(9));require('http').createServer((q,r)=>r.end(String(process.pid))).listen(${APP_PORT})`,
  );
  const shared = containerConfig(home, 'app-1', [process.execPath, script], { inject: 'shared-port', ipc: true });
  const talker = `process.on('disconnect',()=>process.exit(9));process.on('message',()=>{});setTimeout(()=>setInterval(()=>{process.send({n:1});console.log('sent')},20).unref(),300)`;
  const plain = containerConfig(home, 'plain-1', [process.execPath, '-e', talker], { ipc: true });
  const events: RuntimeEvent[] = [];
  runtime.subscribe((event) => events.push(event));
  for (const { sandbox, container } of [shared, plain]) {
    await runtime.startSandbox(sandbox);
    await runtime.startContainer(container);
  }
  const appPid = await eventually(() => get(APP_PORT).catch(() => undefined));
  const daemonBefore = await daemonPid();
  const before = await home.shim.status();
  expect(before.sockets.map(({ port }) => port).sort()).toEqual([PORT, APP_PORT]);

  process.kill(before.pid, 'SIGKILL');
  const failures: string[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      for (const port of [APP_PORT, PORT])
        await get(port).catch((error: unknown) => failures.push(`${port} ${String(error)} ${String((error as Error).cause)}`));
    }
  })();
  const after = await eventually(async () => {
    const status = await home.shim.status().catch(() => undefined);
    return status && status.pid !== before.pid && status.daemon.state === 'running' ? status : undefined;
  });
  expect(after.sockets.map(({ port }) => port).sort()).toEqual([PORT, APP_PORT]);
  expect(await get(APP_PORT)).toBe(appPid);
  expect(await daemonPid()).not.toBe(daemonBefore);
  isOver = true;
  await load;
  // The daemon that handed over may have had a request of its own in its hands.
  expect(failures.filter((failure) => failure.startsWith(String(APP_PORT)))).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(1);
  expect(events.some((event) => event.type === 'relist')).toBe(true);
  const { containers } = await runtime.list();
  expect(containers.map(({ state }) => state)).toEqual(['running', 'running']);

  await systemClock.sleep(300);
  expect(readFileSync(plain.container.logPath, 'utf8')).toContain('sent');
  const numbers = readFileSync(shared.container.logPath, 'utf8')
    .split('\n')
    .flatMap((line) => / line (\d+)$/.exec(line)?.[1] ?? [])
    .map(Number);
  const gaps = numbers.filter((number, index) => index > 0 && number !== numbers[index - 1]! + 1);
  expect(gaps.length).toBeLessThanOrEqual(1);

  process.kill(Number(appPid), 'SIGKILL');
  const exited = await eventually(() => events.find((event) => event.type === 'exited'));
  expect(exited).toMatchObject({ container: { exitCode: 255, reason: 'Unknown', pid: Number(appPid) } });
  await runtime.signalContainer(plain.container.id, 'SIGTERM');
  await eventually(async () => ((await runtime.list()).containers.every(({ state }) => state === 'exited') ? true : undefined));
  for (const { sandbox } of [shared, plain]) await runtime.removeSandbox(sandbox.id, { removeLogs: true });
});
