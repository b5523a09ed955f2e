import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProcessRuntime, type Runtime } from '../../src/runtimes/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

const isRoot = process.getuid?.() === 0;
let home: ShimHome;
let runtime: Runtime;

beforeAll(async () => {
  if (!isRoot) return;
  home = await startShimHome({
    prepare(paths) {
      mkdirSync(paths.home, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', paths.home]);
    },
  });
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
});
afterAll(async () => {
  if (!isRoot) return;
  await home.shim.shutdownAll(500);
  execFileSync('umount', ['-l', home.paths.home]);
  await home.close();
});

test.runIf(isRoot)('with a full disk a chatty app runs on, one that crashed starts again, and what was lost is counted', async () => {
  const chatty = `const l='x'.repeat(99);setInterval(()=>{for(let i=0;i<200;i++)console.log(l)},5);require('http').createServer((q,r)=>r.end('up')).listen(28491,'127.0.0.1')`;
  const { sandbox, container } = containerConfig(home, 'full', [process.execPath, '-e', chatty]);
  await runtime.startSandbox(sandbox);
  await runtime.startContainer(container);
  try {
    writeFileSync(join(home.paths.runtime, 'filler'), Buffer.alloc(512 * 1024));
  } catch {
    // That is what it is for.
  }
  const record = async (id: string) => (await runtime.list()).containers.find((one) => one.id === id);
  while (((await record(container.id))?.droppedLogBytes ?? 0) < 1_000_000) await systemClock.sleep(20);
  expect(await (await fetch('http://127.0.0.1:28491/')).text()).toBe('up');

  const exited = new Promise<void>((resolve) => {
    runtime.subscribe((event) => {
      if (event.type === 'exited') resolve();
    });
  });
  await runtime.signalContainer(container.id, 'SIGKILL');
  await exited;
  const again = { ...container, id: 'full/main/1', attempt: 1, logPath: container.logPath.replace('0.log', '1.log') };
  expect((await runtime.startContainer(again)).state).toBe('running');
  for (;;) {
    const answer = await fetch('http://127.0.0.1:28491/').then(
      (response) => response.text(),
      () => undefined,
    );
    if (answer === 'up') break;
    await systemClock.sleep(20);
  }
  await runtime.removeSandbox(sandbox.id, { removeLogs: true });
});
