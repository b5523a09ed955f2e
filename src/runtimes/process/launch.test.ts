import { expect, test } from 'vitest';
import { type LaunchTools, planLaunch, quote, type Surroundings } from './launch.ts';

const tools: LaunchTools = {
  sh: '/bin/sh',
  nsenter: '/bin/nsenter',
  unshare: '/bin/unshare',
  setpriv: '/bin/setpriv',
  mount: '/bin/mount',
  env: '/bin/env',
  script: '/bin/script',
  isRoot: true,
  mounts: 'root',
};
const plain: Surroundings = { command: ['/app', 'a b'], env: {}, workingDirectory: '/srv', cgroupDirectories: [], mounts: [], listenFds: 0 };

test('without surroundings the program itself is started', () => {
  expect(planLaunch(plain, tools)).toEqual({ file: '/app', args: ['a b'], cwd: '/srv' });
});

test('control groups are entered by a shell that becomes the program', () => {
  expect(planLaunch({ ...plain, cgroupDirectories: ["/cg/o'x"] }, tools)).toEqual({
    file: '/bin/sh',
    args: ['-c', `echo $$ > '/cg/o'\\''x/cgroup.procs'\nexec "$@"`, 'sh', '/app', 'a b'],
    cwd: '/srv',
  });
});

test('user, network and mounts nest from the outside in', () => {
  const launch = planLaunch(
    { ...plain, netnsPath: '/run/netns/x', user: { uid: 5, gid: 6 }, mounts: [{ source: '/s', mountPath: '/m', readOnly: true }], statusFd: 3 },
    tools,
  );
  expect(launch.cwd).toBe('/');
  expect([launch.file, ...launch.args].filter((word) => !word.includes('\n'))).toEqual([
    '/bin/nsenter',
    '--net=/run/netns/x',
    '/bin/unshare',
    '--mount',
    '--propagation',
    'private',
    '/bin/sh',
    '-c',
    'sh',
    '/bin/setpriv',
    '--reuid=5',
    '--regid=6',
    '--clear-groups',
    '--',
    '/app',
    'a b',
  ]);
});

test('names that a shell drops go through env', () => {
  const launch = planLaunch({ ...plain, env: { 'a.b': '1', C: '2' }, listenFds: 1 }, tools);
  expect(launch.args.slice(2)).toEqual(['sh', '/bin/env', 'a.b=1', '/app', 'a b']);
  expect(launch.args[1]).toContain('LISTEN_PID=$$ LISTEN_FDS=1');
});

test.each([
  ['another user without root', { user: { uid: 12345 } }, { isRoot: false }, 'ERR_START_PERMISSION', /uid 12345/],
  [
    'mounts where none can be made',
    { mounts: [{ source: '/s', mountPath: '/m', readOnly: false }] },
    { mounts: 'none' as const },
    'ERR_START_MOUNT',
    /run drover as root/,
  ],
  ['a namespace without nsenter', { netnsPath: '/n' }, { nsenter: undefined }, 'ERR_START_FAILED', /nsenter/],
])('%s is refused with what to do', (_name, surroundings, lacking, code, message) => {
  const plan = () => planLaunch({ ...plain, ...surroundings }, { ...tools, ...lacking });
  expect(plan).toThrow(message);
  expect(plan).toThrow(expect.objectContaining({ code }));
});

test('quoting survives quotes', () => {
  expect(quote("it's")).toBe(`'it'\\''s'`);
});

test('a pod is called by its own name where its mounts are, and never renames the machine', () => {
  const named: Surroundings = { ...plain, hostname: 'web-1', mounts: [{ source: '/s', mountPath: '/m', readOnly: false }] };
  const words = planLaunch(named, tools).args;
  expect(words).toContain('--uts');
  expect(words.some((word) => word.includes("echo 'web-1' 2>/dev/null >/proc/sys/kernel/hostname"))).toBe(true);
  for (const [surroundings, some] of [
    [{ ...named, mounts: [] }, tools],
    [named, { ...tools, isRoot: false, mounts: 'user' }],
  ] as const) {
    const launch = planLaunch(surroundings, some);
    expect([launch.file, ...launch.args].join('\n')).not.toMatch(/--uts|kernel\/hostname/);
  }
});
