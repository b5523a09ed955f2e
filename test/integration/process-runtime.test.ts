import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ContainerConfig, createProcessRuntime, type Runtime, type RuntimeEvent } from '../../src/runtimes/index.ts';
import { allPids, commandLine } from '../../src/runtimes/process/processes.ts';
import { runtimeSuite } from '../../src/runtimes/suite/runtime-suite.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

let home: ShimHome;
let runtime: Runtime;
let serial = 0;

beforeAll(async () => {
  home = await startShimHome();
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
});
afterAll(() => home.close());

async function start(command: string[], extra: Partial<ContainerConfig> = {}) {
  const uid = `pod-${serial++}`;
  const { sandbox, container: config } = containerConfig(home, uid, command, extra);
  await runtime.startSandbox(sandbox);
  const exited: Promise<RuntimeEvent & { type: 'exited' }> = new Promise((resolve) => {
    const handle = runtime.subscribe((event) => {
      if (event.type === 'exited' && event.container.sandboxId === uid) {
        void handle.close();
        resolve(event);
      }
    });
  });
  const record = await runtime.startContainer(config);
  return { uid, config, record, exited };
}

const logLines = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+Z /, ''));

test('output of a program that exits at once is in the log before its end is told', async () => {
  const { config, exited } = await start(['sh', '-c', 'echo one; echo two >&2; printf three; exit 3']);
  const { container } = await exited;
  expect([container.exitCode, container.reason]).toEqual([3, 'Error']);
  expect(logLines(config.logPath).sort()).toEqual(['stderr F two', 'stdout F one', 'stdout P three']);
});

test('a million lines arrive in order and whole', async () => {
  const script = join(home.work, 'lines.mjs');
  writeFileSync(script, 'const l="x".repeat(92);for(let i=0;i<1e6;i++)process.stdout.write(String(i).padStart(7,"0")+l+"\\n");');
  const t0 = performance.now();
  const { config, exited } = await start([process.execPath, script], { logLimits: { maxBytes: 1 << 30, maxFiles: 5 } });
  await exited;
  const ms = performance.now() - t0;
  const lines = logLines(config.logPath);
  expect(lines.length).toBe(1e6);
  lines.forEach((line, index) => {
    if (!line.startsWith(`stdout F ${String(index).padStart(7, '0')}xxx`)) throw new Error(`line ${index}: ${line}`);
  });
  console.log('million lines ms', ms);
});

test('a missing program is named with the PATH', async () => {
  await expect(start(['no-such-program-here'])).rejects.toMatchObject({ code: 'ERR_START_COMMAND_NOT_FOUND', message: expect.stringContaining('PATH=') });
});

test('a signal reaches the group and is told as 128 + n', async () => {
  const { config, exited } = await start(['sh', '-c', 'sleep 100 & sleep 100']);
  await runtime.signalContainer(config.id, 'SIGTERM');
  expect((await exited).container).toMatchObject({ exitCode: 143, signal: 'SIGTERM', reason: 'Error' });
});

test('the memory limit ends a program as OOMKilled', async () => {
  const { exited } = await start([process.execPath, '-e', 'const a=[];for(;;)a.push(Buffer.alloc(1<<20,1))'], { resources: { memoryLimitBytes: 100 << 20 } });
  expect((await exited).container).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
});

test('removing a sandbox leaves no process, not even one that left its group', async () => {
  const { uid, config } = await start(['sh', '-c', 'setsid sleep 1234 & sleep 1000']);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stats = await runtime.stats(config.id);
  expect(stats?.processes).toBe(3);
  await runtime.removeSandbox(uid, { removeLogs: true });
  expect(existsSync(config.logPath)).toBe(false);
  expect(allPids().map(commandLine)).not.toContain('sleep 1234');
  expect((await runtime.list()).sandboxes.map((sandbox) => sandbox.id)).not.toContain(uid);
});

test('what a program leaves behind goes with it when it ends by itself', async () => {
  const { exited } = await start(['sh', '-c', 'setsid sleep 1235 & exit 0']);
  await exited;
  await systemClock.sleep(100);
  expect(allPids().map(commandLine)).not.toContain('sleep 1235');
});

test.runIf(process.getuid?.() === 0)('volumes are mounted where the container wants them and nowhere else', async () => {
  const { uid, config, exited } = await start(['sh', '-c', 'cat /drover-test-mount/x/file; touch /drover-test-mount/x/new || echo read-only'], {
    mounts: [{ source: home.work, mountPath: '/drover-test-mount/x', readOnly: true }],
    workingDirectory: '/drover-test-mount/x',
  });
  await exited;
  expect(logLines(config.logPath)).toContain('stdout F read-only');
  await runtime.removeSandbox(uid, { removeLogs: true });
  expect(existsSync('/drover-test-mount')).toBe(false);
});

test('a volume lies over a directory that exists, for the container alone, with or without root', async () => {
  const source = join(home.work, 'volume');
  const target = join(home.work, 'target');
  mkdirSync(source);
  mkdirSync(target);
  writeFileSync(join(source, 'inside'), 'of the volume');
  const { config, exited } = await start(['sh', '-c', `cat inside; id -u; touch made; grep -i capeff /proc/self/status`], {
    mounts: [{ source, mountPath: target, readOnly: false }],
    workingDirectory: target,
  });
  await exited;
  const text = readFileSync(config.logPath, 'utf8');
  expect(text).toContain('of the volume');
  expect(text).toContain(String(process.getuid?.()));
  if (process.getuid?.() !== 0) expect(text).toContain('CapEff:\t0000000000000000');
  expect([existsSync(join(target, 'inside')), existsSync(join(source, 'made'))]).toEqual([false, true]);
});

runtimeSuite('the process runtime', () => ({
  runtime,
  pod: (command) => containerConfig(home, `suite-${serial++}`, command),
  async settled(container) {
    while (!existsSync(container.logPath) || !readFileSync(container.logPath, 'utf8').includes('stubborn')) await systemClock.sleep(5);
  },
}));
