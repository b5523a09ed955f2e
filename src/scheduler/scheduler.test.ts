import { afterEach, expect, test } from 'vitest';
import { StatusError } from '../apimachinery/index.ts';
import type { Closable } from '../std/index.ts';
import { startScheduler } from './scheduler.ts';
import { TestClock, TestCluster, testNode, testPod } from './testing-cluster.ts';

let running: Closable | undefined;
afterEach(() => running?.close());

function setUp(options: { readonly overcommit?: 'strict' | 'warn' } = {}) {
  const cluster = new TestCluster();
  const clock = new TestClock();
  const errors: string[] = [];
  const start = () => {
    const { client, informers, recorder: events } = cluster;
    running = startScheduler({ client, informers, events, clock, onError: (doing, error) => errors.push(`${doing}: ${String(error)}`), ...options });
  };
  return { cluster, clock, errors, start };
}

test('pods are bound, with an event; others and finished ones are left alone', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n'));
  cluster.put('pods', testPod('a'));
  cluster.put('pods', testPod('other', { schedulerName: 'mine' }));
  cluster.put('pods', { ...testPod('done'), status: { phase: 'Succeeded' } } as never);
  start();
  cluster.put('pods', testPod('b'));
  await clock.advance(10);
  expect(cluster.bound).toEqual(['a->n', 'b->n']);
  expect(cluster.events).toEqual(['Normal Scheduled a: Successfully assigned default/a to n', 'Normal Scheduled b: Successfully assigned default/b to n']);
});

test('a pod that fits nowhere says so once, and is placed when room is made', async () => {
  const { cluster, clock, start } = setUp({ overcommit: 'strict' });
  cluster.put('nodes', testNode('n'));
  cluster.put('pods', testPod('big', { requests: { cpu: '2' } }));
  start();
  await clock.advance(10);
  cluster.put('pods', testPod('late', { requests: { cpu: '1' } }));
  await clock.advance(30_000);
  const message = '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  expect(cluster.events.at(-1)).toBe(`Warning FailedScheduling late: ${message}`);
  expect(cluster.pod('late').status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]);
  cluster.remove('pods', 'default/big');
  await clock.advance(200);
  expect(cluster.bound).toEqual(['big->n', 'late->n']);
  expect(cluster.events.filter((one) => one.includes('FailedScheduling'))).toHaveLength(1);
});

test('a pod waits for the first node', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('pods', testPod('a'));
  start();
  await clock.advance(5_000);
  expect(cluster.events).toEqual(['Warning FailedScheduling a: no nodes available to schedule pods']);
  cluster.put('nodes', testNode('n'));
  await clock.advance(2_000);
  expect(cluster.bound).toEqual(['a->n']);
});

test('gated pods wait until their gates are gone', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n'));
  start();
  cluster.put('pods', testPod('a', { schedulingGates: [{ name: 'x' }] }));
  await clock.advance(100);
  expect(cluster.bound).toEqual([]);
  expect(cluster.pod('a').status?.conditions).toMatchObject([{ reason: 'SchedulingGated' }]);
  cluster.put('pods', testPod('a'));
  await clock.advance(100);
  expect(cluster.bound).toEqual(['a->n']);
});

test('a binding that is refused frees the room and is tried again', async () => {
  const { cluster, clock, errors, start } = setUp({ overcommit: 'strict' });
  cluster.put('nodes', testNode('n'));
  cluster.bindError = new StatusError({ code: 500, reason: 'InternalError', message: 'disk full' });
  start();
  cluster.put('pods', testPod('a', { requests: { cpu: '2' } }));
  await clock.advance(100);
  expect(errors).toEqual(['bind default/a to n: StatusError: disk full']);
  expect(cluster.events).toEqual(['Warning FailedScheduling a: binding rejected: disk full']);
  cluster.bindError = undefined;
  await clock.advance(2_000);
  expect(cluster.bound).toEqual(['a->n']);
});

test('overcommitted CPU is said on the pod and on the node, and taken back', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n'));
  start();
  for (const name of ['a', 'b']) cluster.put('pods', testPod(name, { requests: { cpu: '1500m' } }));
  await clock.advance(100);
  expect(cluster.events.filter((one) => one.startsWith('Warning'))).toEqual([
    'Warning Overcommitted b: Pods on n now request 3000m of 2000m CPU: under load each gets less than it asks for. Memory is not overcommitted.',
  ]);
  expect(cluster.node('n').status?.conditions).toMatchObject([{ type: 'Overcommitted', status: 'True' }]);
  cluster.remove('pods', 'default/a');
  await clock.advance(100);
  expect(cluster.node('n').status?.conditions).toMatchObject([{ type: 'Overcommitted', status: 'False' }]);
});

test('a pod that comes in place of one of the same name is scheduled as well, and heartbeats of nodes wake nobody', async () => {
  const { cluster, clock, start } = setUp({ overcommit: 'strict' });
  cluster.put('nodes', testNode('n'));
  start();
  cluster.put('pods', testPod('a', { requests: { cpu: '2' } }));
  await clock.advance(100);
  cluster.put('pods', testPod('b', { requests: { cpu: '1' } }));
  await clock.advance(100);
  const heartbeat = { ...testNode('n'), status: { ...testNode('n').status, conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'now' }] } };
  cluster.put('nodes', heartbeat as never);
  await clock.advance(5_000);
  cluster.remove('pods', 'default/a');
  cluster.put('pods', testPod('a', { requests: { cpu: '1' } }, { uid: 'another' }));
  await clock.advance(5_000);
  expect(cluster.bound.sort()).toEqual(['a->n', 'a->n', 'b->n']);
});

test('a closed scheduler does nothing more', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n'));
  start();
  await clock.advance(10);
  await running?.close();
  cluster.put('pods', testPod('a'));
  await clock.advance(60_000);
  expect(cluster.bound).toEqual([]);
});

test('higher priority goes first', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n'));
  cluster.put('pods', testPod('low'));
  cluster.put('pods', testPod('high', { priority: 10 }));
  start();
  await clock.advance(10);
  expect(cluster.bound).toEqual(['high->n', 'low->n']);
});

test('the cost of a pod does not grow with their number', async () => {
  const { cluster, clock, start } = setUp();
  cluster.put('nodes', testNode('n', { allocatable: { pods: '20000' } }));
  start();
  const spread = [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } }];
  const anti = {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } } }],
    },
  };
  const run = async (from: number, to: number): Promise<number> => {
    const startedMs = performance.now();
    for (let index = from; index < to; index++)
      cluster.put('pods', testPod(`p${index}`, { topologySpreadConstraints: spread, affinity: anti }, { labels: { app: 'x' } }));
    await clock.advance(1_000);
    return performance.now() - startedMs;
  };
  await run(0, 500);
  const first = await run(500, 1_500);
  await run(1_500, 9_000);
  const last = await run(9_000, 10_000);
  expect(cluster.bound).toHaveLength(10_000);
  expect(last).toBeLessThan(4 * first + 50);
});
