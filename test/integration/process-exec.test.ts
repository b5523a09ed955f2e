import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContainerConfig, createProcessRuntime, type Runtime, type SandboxConfig } from '../../src/runtimes/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { containerConfig, type ShimHome, startShimHome } from '../support/shim-home.ts';

const isRoot = process.getuid?.() === 0;
const NETNS = `drover-test-${process.pid}`;
let home: ShimHome;
let runtime: Runtime;
let serial = 0;

beforeAll(async () => {
  home = await startShimHome();
  runtime = await createProcessRuntime({ paths: home.paths, clock: systemClock, shim: home.shim });
});
afterAll(() => home.close());

async function pod(command: readonly string[], extra: Partial<ContainerConfig> = {}, network: Partial<SandboxConfig['network']> = {}) {
  const { sandbox, container } = containerConfig(home, `exec-${serial++}`, command, extra);
  await runtime.startSandbox({ ...sandbox, network: { ...sandbox.network, ...network } });
  const exited = new Promise<void>((resolve) => {
    runtime.subscribe((event) => {
      if (event.type === 'exited' && event.container.id === container.id) resolve();
    });
  });
  const record = await runtime.startContainer(container);
  return { id: container.id, sandbox, container, record, exited, end: () => runtime.removeSandbox(sandbox.id, { removeLogs: true }) };
}

async function exec(
  id: string,
  command: readonly string[],
  options: { stdin?: string; tty?: boolean; timeoutMs?: number; resize?: AsyncIterable<{ width: number; height: number }> } = {},
) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let out = '';
  let err = '';
  stdout.on('data', (data) => (out += String(data)));
  stderr.on('data', (data) => (err += String(data)));
  const { exitCode } = await runtime.exec(id, command, {
    tty: options.tty ?? false,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    streams: {
      stdout,
      stderr,
      ...(options.stdin === undefined ? {} : { stdin: Readable.from([options.stdin]) }),
      ...(options.resize ? { resize: options.resize } : {}),
    },
  });
  return { exitCode, out, err };
}

const logText = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\S+ \S+ [FP] /, ''))
    .join('\n');

describe('exec', () => {
  test('runs in the directory and environment of the container, with its exit code and both streams', async () => {
    const one = await pod(['sleep', '1000'], { env: { PATH: process.env['PATH'] ?? '', COLOR: 'blue', 'odd.name-x': 'kept' } });
    expect(await exec(one.id, ['sh', '-c', 'echo $COLOR; pwd; echo oops >&2; exit 7'])).toEqual({ exitCode: 7, out: `blue\n${home.work}\n`, err: 'oops\n' });
    expect((await exec(one.id, ['env'])).out).toContain('odd.name-x=kept');
    expect((await exec(one.id, ['cat'], { stdin: 'in and out' })).out).toBe('in and out');
    expect((await exec(one.id, ['sh', '-c', 'kill -9 $$'])).exitCode).toBe(137);
    await expect(exec(one.id, ['no-such-program'])).rejects.toMatchObject({ code: 'ERR_START_COMMAND_NOT_FOUND' });
    await expect(exec(one.id, ['sleep', '100'], { timeoutMs: 100 })).rejects.toMatchObject({ code: 'ERR_EXEC_TIMEOUT' });
    await one.end();
  });

  test('a terminal is one, and follows the size of the caller’s', async () => {
    const one = await pod(['sleep', '1000']);
    async function* sizes() {
      yield { width: 123, height: 45 };
    }
    const { exitCode, out } = await exec(one.id, ['sh', '-c', 'test -t 0 && test -t 1 && echo "terminal $TERM"; sleep 0.5; stty size; exit 4'], {
      tty: true,
      resize: sizes(),
    });
    expect([exitCode, out]).toEqual([4, 'terminal xterm\r\n45 123\r\n']);
    await one.end();
  });

  test('a big output arrives whole', async () => {
    const one = await pod(['sleep', '1000']);
    const { out } = await exec(one.id, [process.execPath, '-e', 'process.stdout.write("y".repeat(3e6))']);
    expect(out.length).toBe(3e6);
    await one.end();
  });
});

describe('surroundings', () => {
  test('a container with a terminal has one', async () => {
    const one = await pod(['sh', '-c', 'test -t 1 && echo terminal'], { tty: true });
    await one.exited;
    expect(logText(one.container.logPath)).toContain('terminal');
    await one.end();
  });

  test('an environment name that a shell cannot express reaches the program', async () => {
    const one = await pod(['env'], { env: { PATH: process.env['PATH'] ?? '', 'npm.x-y': 'a b' } });
    await one.exited;
    expect(logText(one.container.logPath)).toContain('npm.x-y=a b');
    await one.end();
  });

  test('descriptors of held sockets are passed as LISTEN_FDS to the pid that runs', async () => {
    const one = await pod(
      [process.execPath, '-e', `require('http').createServer((q,r)=>r.end(process.env.LISTEN_FDS+' '+(process.env.LISTEN_PID==process.pid))).listen({fd:3})`],
      {
        listenFds: [{ host: '127.0.0.1', port: 28_481 }],
      },
    );
    expect(await (await fetch('http://127.0.0.1:28481/')).text()).toBe('1 true');
    expect(await runtime.listeningPorts(one.id)).toEqual([{ host: '127.0.0.1', port: 28_481 }]);
    await one.end();
  });

  test('output is copied to plain files when that is asked for', async () => {
    const copies = { stdout: join(home.work, 'out.log'), stderr: join(home.work, 'err.log') };
    const one = await pod(['sh', '-c', 'echo good; echo bad >&2'], { copies });
    await one.exited;
    expect([readFileSync(copies.stdout, 'utf8'), readFileSync(copies.stderr, 'utf8')]).toEqual(['good\n', 'bad\n']);
    await one.end();
  });

  test('a working directory that does not exist is named', async () => {
    await expect(pod(['true'], { workingDirectory: '/no/such/place' })).rejects.toMatchObject({
      code: 'ERR_START_FAILED',
      message: expect.stringContaining('/no/such/place'),
    });
  });

  test('a volume whose source does not exist is named', async () => {
    await expect(pod(['true'], { mounts: [{ source: '/no/such/source', mountPath: '/mnt/x', readOnly: false }] })).rejects.toMatchObject({
      code: 'ERR_START_MOUNT',
      message: expect.stringContaining('/no/such/source'),
    });
  });

  test.runIf(isRoot)('another user, group and groups', async () => {
    const one = await pod(['id'], { user: { uid: 65_534, gid: 1234, supplementalGroups: [77, 78] }, workingDirectory: '/' });
    await one.exited;
    expect(logText(one.container.logPath)).toMatch(/uid=65534\S* gid=1234\S* groups=1234\S*,77\S*,78/);
    await one.end();
  });

  test.runIf(isRoot)('a network namespace, resolv.conf and hosts of the pod, also for exec', async () => {
    execFileSync('ip', ['netns', 'add', NETNS]);
    try {
      const files = join(home.work, 'etc');
      mkdirSync(files, { recursive: true });
      writeFileSync(join(files, 'resolv.conf'), 'nameserver 10.9.8.7\n');
      writeFileSync(join(files, 'hosts'), '10.1.2.3 pod-name\n');
      const network = {
        mode: 'netns' as const,
        ip: '10.1.2.3',
        netnsPath: `/run/netns/${NETNS}`,
        resolvConf: join(files, 'resolv.conf'),
        etcHosts: join(files, 'hosts'),
      };
      const one = await pod(['sh', '-c', 'cat /etc/resolv.conf; ip -o link | wc -l; sleep 1000'], {}, network);
      const inside = await exec(one.id, ['sh', '-c', 'cat /etc/hosts; ip -o link | wc -l']);
      expect(inside.out).toMatch(/^10.1.2.3 pod-name\n\d+\n$/);
      expect(Number(inside.out.split('\n')[1])).toBe(
        execFileSync('ip', ['netns', 'exec', NETNS, 'ip', '-o', 'link'], { encoding: 'utf8' }).trim().split('\n').length,
      );
      expect(logText(one.container.logPath)).toContain('nameserver 10.9.8.7');
      expect(readFileSync('/etc/hosts', 'utf8')).not.toContain('pod-name');
      expect(Number(readFileSync(`/proc/${one.record.pid}/stat`, 'latin1').split(' ')[0])).toBe(one.record.pid);
      expect(readFileSync(`/proc/${one.record.pid}/cmdline`, 'utf8')).toMatch(/^(\/\S+\/)?sh\0-c\0cat/);
      await one.end();
    } finally {
      execFileSync('ip', ['netns', 'del', NETNS]);
    }
  });

  test.runIf(isRoot)('half a core is half a core', async () => {
    const one = await pod([process.execPath, '-e', 'for(;;);'], { resources: { cpuLimit: 0.5 } });
    const before = await runtime.stats(one.id);
    const startMs = performance.now();
    await systemClock.sleep(2000);
    const after = await runtime.stats(one.id);
    const cores = ((after?.cpuNanoseconds ?? 0) - (before?.cpuNanoseconds ?? 0)) / 1e6 / (performance.now() - startMs);
    expect(cores).toBeLessThan(0.58);
    expect(after?.memoryBytes).toBeGreaterThan(1 << 20);
    await one.end();
  });
});
