import { describe, expect, it } from 'vitest';
import type { Lease, Node, NodeCondition, Pod, Taint, Toleration } from '../../kinds/index.ts';
import { evictionAtMs } from './eviction.ts';
import { GRACE_MS, isSilent, look, silentConditions } from './health.ts';
import { NOT_READY, UNREACHABLE, wantedTaints } from './taints.ts';

const NOW = '2026-01-01T00:10:00Z';
const NOW_MS = Date.parse(NOW);

const nodeOf = (conditions: readonly NodeCondition[], spec: NonNullable<Node['spec']> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec,
  status: { conditions },
});
const leaseOf = (renewTime: string): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'n1' }, spec: { renewTime } });
const ready = (status: string): NodeCondition => ({ type: 'Ready', status, lastTransitionTime: 'before' });

describe('A node', () => {
  it('seen for the first time is alive, however old its lease', () => {
    const sighting = look(undefined, nodeOf([]), leaseOf('2020-01-01T00:00:00Z'), 1_000_000);
    expect(isSilent(sighting, 1_000_000 + GRACE_MS)).toBe(false);
    expect(isSilent(sighting, 1_000_001 + GRACE_MS)).toBe(true);
  });

  it('is alive again with every renewal, by our own clock', () => {
    const first = look(undefined, nodeOf([]), leaseOf('a'), 0);
    expect(look(first, nodeOf([]), leaseOf('a'), 30_000)).toBe(first);
    expect(look(first, nodeOf([]), leaseOf('b'), 30_000)).toEqual({ sign: 'b ', atMs: 30_000 });
  });

  it('that fell silent is unknown in every respect, and is told so once', () => {
    const conditions = silentConditions(nodeOf([ready('True')]), NOW);
    expect(conditions.map((one) => [one.type, one.status, one.reason])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ]);
    expect(silentConditions(nodeOf(conditions), 'later')).toBe(conditions);
  });
});

describe('The taints of a node', () => {
  const keys = (taints: readonly Taint[]) => taints.map((taint) => `${taint.key}:${taint.effect}`);

  for (const [name, node, expected] of [
    ['that is ready are none', nodeOf([ready('True')]), []],
    ['that is not ready', nodeOf([ready('False')]), [`${NOT_READY}:NoSchedule`, `${NOT_READY}:NoExecute`]],
    ['that is silent', nodeOf([ready('Unknown')]), [`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`]],
    ['that is cordoned', nodeOf([ready('True')], { unschedulable: true }), ['node.kubernetes.io/unschedulable:NoSchedule']],
    ['short of memory', nodeOf([ready('True'), { type: 'MemoryPressure', status: 'True' }]), ['node.kubernetes.io/memory-pressure:NoSchedule']],
    [
      'back again lose ours and keep others',
      nodeOf([ready('True')], {
        taints: [
          { key: UNREACHABLE, effect: 'NoExecute' },
          { key: 'mine', effect: 'NoExecute' },
        ],
      }),
      ['mine:NoExecute'],
    ],
    ['that has told nothing yet stay as registered', nodeOf([], { taints: [{ key: NOT_READY, effect: 'NoSchedule' }] }), [`${NOT_READY}:NoSchedule`]],
  ] as const) {
    it(name, () => {
      const taints = wantedTaints(node, NOW);
      expect(keys(taints)).toEqual(expected);
      const settled: Node = { ...node, spec: { ...node.spec, taints } };
      expect(wantedTaints(settled, 'later')).toBe(taints);
    });
  }
});

describe('A pod on a tainted node', () => {
  const taint: Taint = { key: UNREACHABLE, effect: 'NoExecute', timeAdded: NOW };
  const podOf = (tolerations: readonly Toleration[]): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [], tolerations },
  });
  const at = (tolerations: readonly Toleration[], taints: readonly Taint[] = [taint], sinceMs = 0) =>
    evictionAtMs({ pod: podOf(tolerations), taints, sinceMs: () => sinceMs });

  it('goes at once when it does not tolerate the taint', () => expect(at([])).toBe(NOW_MS));
  it('stays for good when it tolerates everything', () => expect(at([{ operator: 'Exists' }])).toBeUndefined());
  it('goes after its tolerationSeconds', () =>
    expect(at([{ key: UNREACHABLE, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }])).toBe(NOW_MS + 300_000));
  it('goes by the shortest of several tolerations', () =>
    expect(
      at([
        { operator: 'Exists', tolerationSeconds: 9 },
        { key: UNREACHABLE, operator: 'Exists', tolerationSeconds: 300 },
      ]),
    ).toBe(NOW_MS + 9_000));
  it('is not held to time in which nobody could answer for the node', () =>
    expect(at([{ operator: 'Exists', tolerationSeconds: 300 }], [taint], NOW_MS + 3_600_000)).toBe(NOW_MS + 3_900_000));
  it('goes by the first of several taints', () =>
    expect(at([{ key: UNREACHABLE, operator: 'Exists', tolerationSeconds: 300 }], [taint, { key: 'x', value: 'y', effect: 'NoExecute', timeAdded: NOW }])).toBe(
      NOW_MS,
    ));
  it('stays when the taint has gone', () => expect(at([], [])).toBeUndefined());
});
