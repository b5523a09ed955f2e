import { existsSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProcessRuntime, type Runtime } from '../../src/runtimes/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

const port = 28_390;
const REPLICAS = 3;
let home: ShimHome;
let runtime: Runtime;
const pids: number[] = [];

beforeAll(async () => {
  home = await startShimHome();
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
  const file = join(home.work, 'app.cjs');
  writeFileSync(file, `require('http').createServer((q,r)=>r.end(String(process.pid))).listen(${port})`);
  let listening = 0;
  const all = new Promise<void>((resolve) => {
    runtime.subscribe((event) => {
      if (event.type === 'listening' && ++listening === REPLICAS) resolve();
    });
  });
  for (let index = 0; index < REPLICAS; index += 1) {
    const { sandbox, container } = containerConfig(home, `fair-${index}`, [process.execPath, file], { inject: 'shared-port', ipc: true });
    await runtime.startSandbox({ ...sandbox, labels: { app: 'fair' } });
    pids.push((await runtime.startContainer(container)).pid);
  }
  await all;
});
afterAll(() => home.close());

const ask = (agent: Agent | false) =>
  new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

async function share(count: number, parallel: number, agent: Agent | false = false): Promise<number[]> {
  const answers = new Map<string, number>();
  let left = count;
  const loop = async () => {
    while (left-- > 0) {
      const pid = await ask(agent);
      answers.set(pid, (answers.get(pid) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
  return pids.map((pid) => answers.get(String(pid)) ?? 0);
}

test.each([1, 12])('short connections, %i at a time, are spread evenly', async (parallel) => {
  const counts = await share(1500, parallel);
  for (const count of counts) expect(count, counts.join(' ')).toBeGreaterThan(350);
});

test('so are kept-alive connections that come at once', async () => {
  // One burst is over before turns can even it out; several in a row must.
  let counts = pids.map(() => 0);
  for (let burst = 0; burst < 5; burst += 1) {
    const agent = new Agent({ keepAlive: true, maxSockets: 30 });
    const shares = await share(30, 30, agent);
    agent.destroy();
    counts = counts.map((count, index) => count + (shares[index] ?? 0));
  }
  for (const count of counts) expect(count, counts.join(' ')).toBeGreaterThan(15);
});

test('a replica that hangs keeps nobody waiting, and has its share again afterwards', async () => {
  const [hung] = pids as [number];
  process.kill(hung, 'SIGSTOP');
  const started = performance.now();
  expect((await share(200, 4))[0]).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
  process.kill(hung, 'SIGCONT');
  const counts = await share(900, 6);
  for (const count of counts) expect(count, counts.join(' ')).toBeGreaterThan(150);
});

test('the file through which they keep pace goes with the socket', async () => {
  const directory = `/dev/shm/drover-${home.paths.id}`;
  if (!existsSync('/dev/shm')) return;
  expect(existsSync(directory)).toBe(true);
  await home.shim.shutdownAll(100);
  await expect.poll(() => existsSync(directory), { timeout: 5000 }).toBe(false);
});
