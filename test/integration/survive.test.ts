import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, fetchText, isAlive, sleep, startLoad, type TestHome, testHome } from './harness.ts';

const port = 28_090;
const url = `http://127.0.0.1:${port}/`;

describe("the user's app stays up", () => {
  let home: TestHome;
  let directory: string;
  const pids = async () => (JSON.parse(await home.droverOk('jlist')) as { pid: number }[]).map((one) => one.pid).sort();
  beforeAll(async () => {
    home = testHome();
    directory = mkdtempSync(join(tmpdir(), 'drover-app-'));
    writeFileSync(
      join(directory, 'app.cjs'),
      `let n = 0; setInterval(() => console.log('line', n++), 10);
       require('node:http').createServer((q, r) => setTimeout(() => r.end(String(process.pid)), 20)).listen(${port});`,
    );
    await home.droverOk('start', join(directory, 'app.cjs'), '--name', 'app', '-i', '2');
    await eventually('the app answers', async () => (await fetchText(url)).status === 200);
  });
  afterAll(async () => {
    await home.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('when the daemon is killed: same pids, no failed request, and the next daemon adopts them by itself', async () => {
    const before = await pids();
    expect(before).toHaveLength(2);
    const load = startLoad(url);
    for (let round = 0; round < 3; round += 1) {
      const daemon = home.pid('daemon');
      process.kill(daemon, 'SIGKILL');
      await eventually('another daemon answers', async () => home.pid('daemon') !== daemon && (await home.drover('ping')).code === 0);
      await sleep(300);
    }
    const { ok, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(ok).toBeGreaterThan(50);
    expect(await pids()).toEqual(before);
    expect(await home.droverOk('list')).toMatch(/app\s.*online/);
  });

  it('when the daemon is stopped and started: the apps run on', async () => {
    const before = await pids();
    const load = startLoad(url);
    await home.droverOk('daemon', 'stop');
    await sleep(500);
    await home.droverOk('daemon', 'start', '--wait');
    expect((await load.stop()).failures).toEqual([]);
    expect(await pids()).toEqual(before);
  });

  it('when one replica is killed: only what was in flight on it may fail, and it is replaced', async () => {
    const [victim] = await pids();
    if (!victim) throw new Error('no replica runs');
    const load = startLoad(url);
    await sleep(300);
    process.kill(victim, 'SIGKILL');
    await eventually('two replicas run again', async () => {
      const now = await pids();
      return now.length === 2 && !now.includes(victim) && now.every((pid) => isAlive(pid));
    });
    await sleep(300);
    const { failures } = await load.stop();
    expect(failures.filter((failure) => failure !== 'ECONNRESET')).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(3);
  });

  it('when all replicas are killed at once: nobody is refused', async () => {
    await sleep(12_000);
    for (const pid of await pids()) process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetchText(url)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  });

  it('through ten reloads under load: no failed request', async () => {
    const load = startLoad(url, 100);
    for (let round = 0; round < 10; round += 1) await home.droverOk('reload', 'app');
    expect((await load.stop()).failures).toEqual([]);
  });

  it('when the shim is killed: the apps serve on, and are adopted by the next shim', async () => {
    const before = await pids();
    const load = startLoad(url);
    const shim = home.pid('shim');
    process.kill(shim, 'SIGKILL');
    await eventually('another shim runs', () => home.pid('shim') !== shim && isAlive(home.pid('shim')));
    await eventually('the daemon answers', async () => (await home.drover('ping')).code === 0);
    await sleep(500);
    expect((await load.stop()).failures).toEqual([]);
    expect(await pids()).toEqual(before);
  });

  it('and ends completely when asked to', async () => {
    const before = await pids();
    await home.droverOk('delete', 'app');
    await eventually('all processes are gone', () => before.every((pid) => !isAlive(pid)));
    await eventually('the port is free again', async () =>
      fetchText(url, 500).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' || undefined,
      ),
    );
  });
});
