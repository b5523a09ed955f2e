import { describe, expect, it } from 'vitest';
import type { Pod } from '../../kinds/index.ts';
import { type PodsSeen, QUARANTINE_MS, removals } from './reconcile.ts';

const podOf = (name: string, nodeName: string, more: { readonly phase?: string; readonly going?: boolean; readonly created?: string } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, creationTimestamp: more.created ?? '2026-01-01T00:00:00Z', ...(more.going ? { deletionTimestamp: 'now' } : {}) },
  spec: { containers: [], ...(nodeName ? { nodeName } : {}) },
  status: { phase: more.phase ?? 'Running' },
});

const check = (pods: readonly Pod[], expected: readonly string[], seen: Partial<PodsSeen> = {}): void => {
  const full: PodsSeen = {
    pods,
    node: (name) => (name === 'gone' ? 'gone' : name === 'dead' ? 'out-of-service' : 'there'),
    goneSinceMs: () => 0,
    terminatedThreshold: 0,
    ...seen,
  };
  expect(removals(full, QUARANTINE_MS).map(({ pod, why }) => `${pod.metadata.name} ${why}`)).toEqual(expected);
};

describe('Pods that nobody else will finish', () => {
  it('are those of a node that has stayed away', () => check([podOf('a', 'gone'), podOf('b', 'here')], ['a orphaned']));
  it('are not those of a node that is missed for a moment only', () => check([podOf('a', 'gone')], [], { goneSinceMs: () => 1 }));
  it('are not those of a node that was never missed before', () => check([podOf('a', 'gone')], [], { goneSinceMs: () => undefined }));
  it('are deleted ones that never got a node', () => check([podOf('a', '', { going: true }), podOf('b', '')], ['a unscheduled']));
  it('are deleted ones on a node that is declared out of service', () =>
    check([podOf('a', 'dead', { going: true }), podOf('b', 'dead')], ['a out-of-service']));
  it('are the oldest ended ones beyond the threshold', () =>
    check(
      [
        podOf('new', 'here', { phase: 'Failed', created: '2026-01-03T00:00:00Z' }),
        podOf('old', 'here', { phase: 'Succeeded', created: '2026-01-01T00:00:00Z' }),
        podOf('mid', 'here', { phase: 'Failed', created: '2026-01-02T00:00:00Z' }),
        podOf('runs', 'here'),
      ],
      ['old terminated', 'mid terminated'],
      { terminatedThreshold: 1 },
    ));
});
