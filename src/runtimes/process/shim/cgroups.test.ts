import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cgroupPids, cgroupUsage, oomKills, openCgroups } from './cgroups.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const text = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

test('one tree for all: limits, weight and no swap', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids');
  mkdirSync(join(root, 'drover-x'), { recursive: true });
  writeFileSync(join(root, 'drover-x', 'cgroup.controllers'), 'cpu memory pids\n');
  const cgroups = openCgroups('drover-x', root, '0::/user.slice\n');
  expect([cgroups.version, cgroups.limitations]).toEqual([2, []]);
  const [directory] = cgroups.create(['podp', 'main.0'], { cpuLimit: 0.5, cpuRequest: 1, memoryLimitBytes: 1 << 20 });
  expect(directory).toBe(join(root, 'drover-x/podp/main.0'));
  expect(['cpu.max', 'cpu.weight', 'memory.max', 'memory.swap.max'].map((file) => text('drover-x/podp/main.0', file))).toEqual([
    '50000 100000',
    '39',
    '1048576',
    '0',
  ]);
});

test('a controller that was not delegated is named', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids');
  mkdirSync(join(root, 'drover-x'), { recursive: true });
  writeFileSync(join(root, 'drover-x', 'cgroup.controllers'), 'memory pids\n');
  expect(openCgroups('drover-x', root, '0::/\n').limitations).toMatchObject([{ reason: 'NoCgroups', message: expect.stringContaining('controller cpu ') }]);
});

test('a tree per controller: each gets its group', () => {
  for (const controller of ['cpu', 'memory', 'pids']) {
    mkdirSync(join(root, controller, 'drover-x', 'podp'), { recursive: true });
    writeFileSync(join(root, controller, 'cgroup.procs'), '');
  }
  writeFileSync(join(root, 'cpu/drover-x/cpu.shares'), '1024');
  writeFileSync(join(root, 'cpu/drover-x/podp/cpu.shares'), '1024');
  writeFileSync(join(root, 'memory/drover-x/podp/memory.limit_in_bytes'), '-1');
  const cgroups = openCgroups('drover-x', root, '');
  expect(text('cpu/drover-x/cpu.shares')).toBe(String(1024 * availableParallelism()));
  expect(cgroups.create(['podp'], { cpuLimit: 2, cpuRequest: 0.25, memoryLimitBytes: 4096 })).toHaveLength(3);
  expect([text('cpu/drover-x/podp/cpu.shares'), text('cpu/drover-x/podp/cpu.cfs_quota_us'), text('memory/drover-x/podp/memory.limit_in_bytes')]).toEqual([
    '256',
    '200000',
    '4096',
  ]);
});

test('a machine without control groups says what is not enforced', () => {
  const cgroups = openCgroups('drover-x', join(root, 'nothing'), '');
  expect([cgroups.version, cgroups.create(['a'], {}), cgroups.limitations[0]?.reason]).toEqual([0, [], 'NoCgroups']);
});

test('counts of a group are read in either layout', () => {
  writeFileSync(join(root, 'cgroup.procs'), '12\n13\n');
  writeFileSync(join(root, 'memory.events'), 'low 0\noom 2\noom_kill 1\n');
  writeFileSync(join(root, 'cpu.stat'), 'usage_usec 250\nuser_usec 200\n');
  writeFileSync(join(root, 'memory.current'), '5000\n');
  writeFileSync(join(root, 'memory.stat'), 'anon 1\ninactive_file 1000\n');
  expect([cgroupPids([root]), oomKills([root]), cgroupUsage([root])]).toEqual([[12, 13], 1, { cpuNanoseconds: 250_000, memoryBytes: 4000 }]);
});
