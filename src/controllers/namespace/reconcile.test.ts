import { describe, expect, it } from 'vitest';
import type { Namespace } from '../../kinds/index.ts';
import { finalized, isEmpty, isToEmpty, terminatingStatus } from './reconcile.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const namespace: Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' },
  spec: { finalizers: ['kubernetes', 'example.com/keep'] },
  status: { phase: 'Terminating' },
};

describe('A namespace that is being deleted', () => {
  it("says what remains, in Kubernetes' words", () => {
    const emptying = { remaining: [{ resource: 'pods', count: 2, finalizers: { 'example.com/x': 1 } }], failures: [] };
    const { conditions } = terminatingStatus(namespace, emptying, NOW_MS);
    expect(conditions?.map((one) => [one.type, one.status, one.reason, one.message])).toEqual([
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
      ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', 'Some resources are remaining: pods has 2 resource instances'],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances',
      ],
    ]);
    expect(isEmpty(emptying)).toBe(false);
  });

  it('keeps the times of conditions that stay as they are', () => {
    const first = terminatingStatus(namespace, { remaining: [], failures: [] }, NOW_MS);
    expect(terminatingStatus({ ...namespace, status: first }, { remaining: [], failures: [] }, NOW_MS + 60_000)).toEqual(first);
  });

  it('is let go by this controller only', () => {
    expect(finalized(namespace).spec?.finalizers).toEqual(['example.com/keep']);
    expect([isToEmpty(namespace), isToEmpty(finalized(namespace)), isToEmpty(undefined)]).toEqual([true, false, false]);
  });
});
