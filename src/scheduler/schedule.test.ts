import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../kinds/index.ts';
import type { OvercommitPolicy } from './plugins/plugin.ts';
import { schedule } from './schedule.ts';
import { ClusterSnapshot } from './snapshot/cluster-snapshot.ts';
import { podInfo } from './snapshot/pod-info.ts';
import { testNode, testPod } from './testing-cluster.ts';

type Placed = readonly [pod: Pod, node: string];

function snapshotOf(nodes: readonly Node[], placed: readonly Placed[] = []): ClusterSnapshot {
  const snapshot = new ClusterSnapshot();
  for (const node of nodes) snapshot.setNode(node);
  for (const [pod, node] of placed) snapshot.place(podInfo(pod), node);
  return snapshot;
}
function decide(pod: Pod, nodes: readonly Node[], placed: readonly Placed[] = [], overcommit: OvercommitPolicy = 'strict'): string {
  const decision = schedule(podInfo(pod), snapshotOf(nodes, placed), overcommit);
  return decision.type === 'node' ? decision.node.name : decision.message;
}
const noVictims = (count: number) => `preemption: 0/${count} nodes are available: ${count} No preemption victims found for incoming pod.`;
const noHelp = (count: number) => `preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
const labelled = (name: string, labels: object, spec: Parameters<typeof testPod>[1] = {}) => testPod(name, spec, { labels });

describe('resources', () => {
  test('a pod that does not fit is told what is missing, in order', () => {
    const pod = testPod('a', { requests: { cpu: '3', memory: '8Gi' } });
    expect(decide(pod, [testNode('n')])).toBe(`0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${noVictims(1)}`);
    expect(decide(testPod('a', { requests: { 'nvidia.com/gpu': '1' } }), [testNode('n'), testNode('m')])).toBe(
      `0/2 nodes are available: 2 Insufficient nvidia.com/gpu. ${noVictims(2)}`,
    );
    expect(decide(pod, [])).toBe('no nodes available to schedule pods');
    expect(decide({ ...pod, spec: { ...pod.spec, containers: pod.spec?.containers ?? [], preemptionPolicy: 'Never' } }, [testNode('n')])).toMatch(
      /preemption: not eligible due to preemptionPolicy=Never\.$/,
    );
  });

  test('what others requested is taken; init containers, sidecars and overhead count', () => {
    const nodes = [testNode('n')];
    const other: Placed = [testPod('o', { requests: { cpu: '1500m' } }), 'n'];
    expect(decide(testPod('a', { requests: { cpu: '500m' } }), nodes, [other])).toBe('n');
    expect(decide(testPod('a', { requests: { cpu: '501m' } }), nodes, [other])).toContain('Insufficient cpu');
    const initContainers = [{ name: 'i', resources: { requests: { cpu: '600m' } } }];
    expect(decide(testPod('a', { requests: { cpu: '100m' }, initContainers }), nodes, [other])).toContain('Insufficient cpu');
    const sidecars = [{ name: 'i', restartPolicy: 'Always', resources: { requests: { cpu: '300m' } } }];
    expect(decide(testPod('a', { requests: { cpu: '300m' }, initContainers: sidecars }), nodes, [other])).toContain('Insufficient cpu');
    expect(decide(testPod('a', { requests: { cpu: '400m' }, overhead: { cpu: '200m' } }), nodes, [other])).toContain('Insufficient cpu');
  });

  test('too many pods', () => {
    expect(decide(testPod('a'), [testNode('n', { allocatable: { pods: '1' } })], [[testPod('o'), 'n']])).toBe(
      `0/1 nodes are available: 1 Too many pods. ${noVictims(1)}`,
    );
  });

  test('with overcommit, CPU may be promised several times over, but not memory, and never more than the machine to one pod', () => {
    const nodes = [testNode('n')];
    const full: Placed = [testPod('o', { requests: { cpu: '2', memory: '3Gi' } }), 'n'];
    expect(decide(testPod('a', { requests: { cpu: '2', memory: '1Gi' } }), nodes, [full], 'warn')).toBe('n');
    expect(decide(testPod('a', { requests: { cpu: '2', memory: '2Gi' } }), nodes, [full], 'warn')).toContain('1 Insufficient memory.');
    expect(decide(testPod('a', { requests: { cpu: '2001m' } }), nodes, [], 'warn')).toContain('1 Insufficient cpu.');
    const strict = testNode('n', { annotations: { 'drover.dev/overcommit': 'strict' } });
    expect(decide(testPod('a', { requests: { cpu: '1' } }), [strict], [full], 'warn')).toContain('1 Insufficient cpu.');
  });

  test('the emptier node is better', () => {
    expect(decide(testPod('a', { requests: { cpu: '100m' } }), [testNode('m'), testNode('n')], [[testPod('o', { requests: { cpu: '1' } }), 'm']])).toBe('n');
  });
});

describe('nodes', () => {
  const tainted = testNode('n', { spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] } });

  test('taints, cordons, names and selectors keep pods away', () => {
    expect(decide(testPod('a'), [tainted])).toBe(`0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}. ${noHelp(1)}`);
    expect(decide(testPod('a', { tolerations: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] }), [tainted])).toBe('n');
    expect(decide(testPod('a', { tolerations: [{ operator: 'Exists' }] }), [tainted])).toBe('n');
    expect(decide(testPod('a'), [testNode('n', { spec: { unschedulable: true } })])).toBe(
      `0/1 nodes are available: 1 node(s) were unschedulable. ${noHelp(1)}`,
    );
    expect(decide(testPod('a', { nodeSelector: { disk: 'ssd' } }), [testNode('n'), testNode('m')])).toBe(
      `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${noHelp(2)}`,
    );
    expect(decide(testPod('a', { nodeName: 'x' }), [testNode('n')])).toContain("1 node(s) didn't match the requested node name.");
  });

  test('different reasons are listed together', () => {
    expect(decide(testPod('a', { requests: { cpu: '3' } }), [tainted, testNode('m'), testNode('o')])).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: db}, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    );
  });

  test('node affinity: terms are alternatives, preferences decide between nodes', () => {
    const term = (key: string, operator: string, values: readonly string[] = []) => ({ matchExpressions: [{ key, operator, values }] });
    const nodes = [testNode('m', { labels: { zone: 'a', cores: '4' } }), testNode('n', { labels: { zone: 'b', cores: '8' } })];
    const required = (...nodeSelectorTerms: readonly object[]) =>
      testPod('a', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: nodeSelectorTerms as [] } } } });
    expect(decide(required(term('zone', 'In', ['x']), term('cores', 'Gt', ['5'])), nodes)).toBe('n');
    expect(decide(required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }), nodes)).toBe('m');
    expect(decide(required(term('zone', 'Exists'), {}), [testNode('x')])).toContain("didn't match Pod's node affinity/selector");
    const preferred = [{ weight: 10, preference: term('zone', 'In', ['b']) }];
    expect(decide(testPod('a', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }), nodes)).toBe('n');
    const soft = testNode('m', { spec: { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] } });
    expect(decide(testPod('a'), [soft, testNode('n')])).toBe('n');
  });
});

describe('ports', () => {
  const withPort = (name: string, port: number, metadata: object = {}, hostIP?: string) =>
    testPod(name, { containers: [{ name: 'c', ports: [{ containerPort: port, hostPort: port, protocol: 'TCP', ...(hostIP ? { hostIP } : {}) }] }] }, metadata);
  const nodes = [testNode('n')];

  test('a host port is taken once; addresses and protocols are told apart', () => {
    expect(decide(withPort('a', 80), nodes, [[withPort('o', 80), 'n']])).toBe(
      `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${noVictims(1)}`,
    );
    expect(decide(withPort('a', 81), nodes, [[withPort('o', 80), 'n']])).toBe('n');
    expect(decide(withPort('a', 80, {}, '127.0.0.1'), nodes, [[withPort('o', 80, {}, '127.0.0.2'), 'n']])).toBe('n');
    expect(decide(withPort('a', 80, {}, '127.0.0.1'), nodes, [[withPort('o', 80), 'n']])).toContain('free ports');
  });

  test('replicas in cluster mode share their port over revisions, but not with another app', () => {
    const cluster = (app: string, hash: string) => ({ labels: { app, 'pod-template-hash': hash }, annotations: { 'drover.dev/exec-mode': 'cluster' } });
    expect(decide(withPort('a', 80, cluster('x', '2')), nodes, [[withPort('o', 80, cluster('x', '1')), 'n']])).toBe('n');
    expect(decide(withPort('a', 80, cluster('y', '1')), nodes, [[withPort('o', 80, cluster('x', '1')), 'n']])).toContain('free ports');
  });
});

describe('other pods', () => {
  const zones = [testNode('a1', { labels: { zone: 'a' } }), testNode('a2', { labels: { zone: 'a' } }), testNode('b1', { labels: { zone: 'b' } })];
  const term = (app: string, topologyKey = 'zone', more: object = {}) => ({ labelSelector: { matchLabels: { app } }, topologyKey, ...more });
  const affinity = (...terms: readonly ReturnType<typeof term>[]) => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
  const anti = (...terms: readonly ReturnType<typeof term>[]) => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });

  test('affinity wants the same topology, and lets the first pod of its own kind in', () => {
    expect(decide(labelled('p', {}, affinity(term('db'))), zones, [[labelled('db', { app: 'db' }), 'b1']])).toBe('b1');
    expect(decide(labelled('p', {}, affinity(term('db'))), zones)).toBe(`0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${noHelp(3)}`);
    expect(decide(labelled('p', { app: 'x' }, affinity(term('x'))), zones)).toBe('a1');
    expect(decide(labelled('p', {}, affinity(term('db', 'rack'))), zones, [[labelled('db', { app: 'db' }), 'b1']])).toContain(
      "didn't match pod affinity rules",
    );
  });

  test('namespaces are told apart', () => {
    const elsewhere = testPod('db', {}, { namespace: 'other', labels: { app: 'db' } });
    expect(decide(labelled('p', {}, affinity(term('db'))), zones, [[elsewhere, 'b1']])).toContain("didn't match pod affinity rules");
    expect(decide(labelled('p', {}, affinity(term('db', 'zone', { namespaces: ['other'] }))), zones, [[elsewhere, 'b1']])).toBe('b1');
    expect(decide(labelled('p', {}, affinity(term('db', 'zone', { namespaceSelector: {} }))), zones, [[elsewhere, 'b1']])).toBe('b1');
  });

  test('anti-affinity works both ways', () => {
    const db: Placed = [labelled('db', { app: 'db' }), 'a1'];
    expect(decide(labelled('p', {}, anti(term('db'))), zones, [db])).toBe('b1');
    expect(decide(labelled('p', {}, anti(term('db'))), zones.slice(0, 2), [db])).toBe(
      `0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${noVictims(2)}`,
    );
    const shy: Placed = [labelled('shy', {}, anti(term('x'))), 'a2'];
    expect(decide(labelled('p', { app: 'x' }), zones, [shy])).toBe('b1');
    expect(decide(labelled('p', { app: 'x' }), zones.slice(0, 2), [shy])).toContain("2 node(s) didn't satisfy existing pods anti-affinity rules.");
  });

  test('preferences pull and push', () => {
    const preferred = [{ weight: 100, podAffinityTerm: term('db') }];
    const db: Placed = [labelled('db', { app: 'db' }), 'b1'];
    expect(decide(labelled('p', {}, { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }), zones, [db])).toBe('b1');
    expect(decide(labelled('p', {}, { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }), zones, [db])).toBe(
      'a1',
    );
  });

  test('spread: no domain gets ahead by more than the skew', () => {
    const spread = (whenUnsatisfiable: string, more: object = {}) => ({
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable, labelSelector: { matchLabels: { app: 'x' } }, ...more }],
    });
    const one: Placed = [labelled('o', { app: 'x' }), 'a1'];
    expect(decide(labelled('p', { app: 'x' }, spread('DoNotSchedule')), zones, [one])).toBe('b1');
    expect(decide(labelled('p', { app: 'x' }, spread('DoNotSchedule', { maxSkew: 2 })), zones.slice(0, 2), [one])).toBe('a2');
    expect(decide(labelled('p', { app: 'x' }, { ...spread('DoNotSchedule'), requests: { cpu: '3' } }), zones, [one])).toContain('3 Insufficient cpu');
    expect(decide(labelled('p', { app: 'x' }, spread('DoNotSchedule', { minDomains: 2 })), zones.slice(0, 2), [one])).toBe(
      `0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints. ${noVictims(2)}`,
    );
    expect(decide(labelled('p', { app: 'x' }, spread('DoNotSchedule')), [testNode('n')])).toContain(
      "node(s) didn't match pod topology spread constraints (missing required label)",
    );
    expect(decide(labelled('p', { app: 'x' }, spread('ScheduleAnyway')), zones, [one, [labelled('o2', { app: 'x' }), 'a2']])).toBe('b1');
    const leaving: Placed = [testPod('l', {}, { labels: { app: 'x' }, deletionTimestamp: '2030-01-01T00:00:00Z' }), 'b1'];
    expect(decide(labelled('p', { app: 'x' }, spread('DoNotSchedule')), zones, [one, leaving])).toBe('b1');
  });
});

const cpu = fc.integer({ min: 0, max: 1500 });
test('however pods come and go: nothing is promised twice, and the snapshot is as if built anew', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), cpu, remove: fc.boolean() }), { maxLength: 40 }), (steps) => {
      const snapshot = snapshotOf([testNode('m'), testNode('n')]);
      const placed = new Map<string, Placed>();
      for (const step of steps) {
        const pod = labelled(`p${step.id}`, { app: `${step.id % 3}` }, { requests: { cpu: `${step.cpu}m` } });
        const info = podInfo(pod);
        if (step.remove || placed.has(info.key)) {
          snapshot.remove(info.key);
          placed.delete(info.key);
          continue;
        }
        const decision = schedule(info, snapshot, 'strict');
        if (decision.type !== 'node') continue;
        snapshot.place(info, decision.node.name);
        placed.set(info.key, [pod, decision.node.name]);
      }
      const fresh = snapshotOf([testNode('m'), testNode('n')], [...placed.values()]);
      for (const node of snapshot.nodes) {
        expect(node.requested('cpu')).toBeLessThanOrEqual(2000);
        expect([node.requested('cpu'), node.podCount]).toEqual([fresh.node(node.name)?.requested('cpu'), fresh.node(node.name)?.podCount]);
      }
      const groups = (one: ClusterSnapshot) => [...one.groups].map((group) => JSON.stringify([group.labels, [...group.countByNode].sort()])).sort();
      expect(groups(snapshot)).toEqual(groups(fresh));
    }),
  );
});
