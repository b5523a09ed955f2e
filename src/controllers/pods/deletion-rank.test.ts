import { describe, expect, it } from 'vitest';
import type { Pod } from '../../kinds/index.ts';
import { byDeletionRank } from './deletion-rank.ts';

const NOW_MS = Date.parse('2026-01-02T00:00:00Z');

interface Given {
  readonly node?: string;
  readonly phase?: string;
  readonly readySince?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly created?: string;
}

const podOf = (name: string, { node = 'n1', phase = 'Running', readySince, cost, restarts = 0, created = '2026-01-01T00:00:00Z' }: Given): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, creationTimestamp: created, ...(cost ? { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } : {}) },
  spec: { containers: [], ...(node ? { nodeName: node } : {}) },
  status: {
    phase,
    ...(readySince ? { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: readySince }] } : {}),
    containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: restarts }],
  },
});

const LONG = '2026-01-01T00:00:00Z';
const check = (first: Given, second: Given, related: readonly Pod[] = []): void => {
  const [goes, stays] = [podOf('goes', first), podOf('stays', second)];
  expect(byDeletionRank([stays, goes], related, NOW_MS).map((pod) => pod.metadata.name)).toEqual(['goes', 'stays']);
};

describe('Of two pods the first to be deleted is', () => {
  it('the one without a node', () => check({ node: '', readySince: LONG }, { phase: 'Pending' }));
  it('the pending one', () => check({ phase: 'Pending' }, { phase: 'Running' }));
  it('the one that is not ready', () => check({}, { readySince: LONG }));
  it('the cheaper one, also when costs are negative', () => check({ readySince: LONG, cost: '-5' }, { readySince: LONG, restarts: 9 }));
  it('the one on the more crowded node', () =>
    check({ readySince: LONG, node: 'full' }, { readySince: LONG, node: 'free' }, [
      podOf('x', { node: 'full' }),
      podOf('y', { node: 'full' }),
      podOf('z', { node: 'free' }),
    ]));
  it('the one that got ready later', () => check({ readySince: '2026-01-01T23:59:00Z' }, { readySince: LONG }));
  it('the one that restarted more often', () => check({ readySince: LONG, restarts: 3 }, { readySince: LONG, restarts: 1 }));
  it('the younger one', () => check({ created: '2026-01-01T23:59:00Z' }, {}));
});
