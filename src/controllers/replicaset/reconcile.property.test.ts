import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controllerRef } from '../../apimachinery/index.ts';
import type { Pod, ReplicaSet } from '../../kinds/index.ts';
import { adopted, released } from '../owners.ts';
import { isActive } from '../pods/pod-facts.ts';
import { newPod } from './new-pod.ts';
import { type ReplicaSetPlan, type ReplicaSetSeen, reconcile } from './reconcile.ts';
import { statusOf } from './status.ts';

const NOW_MS = Date.parse('2026-01-01T00:10:00Z');

const setOf = (replicas: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'r', namespace: 'n', uid: 'r-uid', generation: 1 },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});

class World {
  set: ReplicaSet;
  pods: readonly Pod[] = [];
  serial = 0;

  constructor(replicas: number) {
    this.set = setOf(replicas);
  }

  seen(): ReplicaSetSeen {
    const owned = this.pods.filter((pod) => pod.metadata.ownerReferences?.[0]?.uid === 'r-uid');
    const orphans = this.pods.filter((pod) => !pod.metadata.ownerReferences?.length);
    return { replicaSet: this.set, owned, orphans, matches: (labels) => labels['app'] === 'a', related: () => owned.filter(isActive) };
  }

  replace(pod: Pod, next: Pod | undefined): void {
    this.pods = this.pods.flatMap((one) => (one.metadata.uid === pod.metadata.uid ? (next ? [next] : []) : [one]));
  }

  add(pod: Pod): void {
    const uid = `p${this.serial++}`;
    this.pods = [...this.pods, { ...pod, metadata: { ...pod.metadata, name: uid, uid } }];
  }

  /** Makes the first `writes` writes of a plan. */
  apply(plan: ReplicaSetPlan, writes: number): void {
    const steps = [
      ...plan.release.map((pod) => () => this.replace(pod, released(pod, 'r-uid'))),
      ...plan.adopt.map((pod) => () => this.replace(pod, adopted(pod, this.set))),
      ...Array.from({ length: plan.create }, () => () => this.add(newPod(this.set))),
      ...plan.delete.map((pod) => () => this.replace(pod, undefined)),
    ];
    for (const step of steps.slice(0, writes)) step();
  }
}

const happening = fc.oneof(
  fc.record({ what: fc.constant('step' as const), writes: fc.constantFrom(0, 1, 3, 999, 999) }),
  fc.record({ what: fc.constant('replicas' as const), replicas: fc.nat(8) }),
  fc.record({
    what: fc.constantFrom('fail' as const, 'vanish' as const, 'relabel' as const, 'going' as const, 'orphan' as const, 'stranger' as const),
    which: fc.nat(9),
  }),
);

function live(world: World, event: typeof happening extends fc.Arbitrary<infer T> ? T : never): void {
  if (event.what === 'step') world.apply(reconcile(world.seen(), NOW_MS), event.writes);
  else if (event.what === 'replicas') world.set = { ...world.set, spec: { ...world.set.spec!, replicas: event.replicas } };
  else if (event.what === 'orphan') world.add({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n', labels: { app: 'a' } } });
  else if (event.what === 'stranger') {
    const owner = controllerRef({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'other', uid: 'other' } });
    world.add({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n', labels: { app: 'a' }, ownerReferences: [owner] } });
  } else {
    const pod = world.pods[event.which];
    if (!pod) return;
    if (event.what === 'vanish') world.replace(pod, undefined);
    else if (event.what === 'fail') world.replace(pod, { ...pod, status: { phase: 'Failed' } });
    else if (event.what === 'going') world.replace(pod, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    else world.replace(pod, { ...pod, metadata: { ...pod.metadata, labels: { app: 'b' } } });
  }
}

describe('ReplicaSet, over random histories and crashes between writes', () => {
  it('comes to the wanted number, touches no pod of others, and then rests', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.array(happening, { maxLength: 40 }), (replicas, events) => {
        const world = new World(replicas);
        for (const event of events) live(world, event);
        const strangers = world.pods.filter((pod) => pod.metadata.ownerReferences?.[0]?.uid === 'other');
        for (let round = 0; round < 3; round++) world.apply(reconcile(world.seen(), NOW_MS), 9999);
        expect(reconcile(world.seen(), NOW_MS)).toEqual({ release: [], adopt: [], create: 0, delete: [] });
        expect(world.seen().owned.filter(isActive)).toHaveLength(world.set.spec!.replicas!);
        for (const pod of strangers) expect(world.pods).toContain(pod);
        const { status } = statusOf(world.set, world.seen().owned, undefined, NOW_MS);
        expect(status.replicas).toBe(world.set.spec!.replicas);
        expect(statusOf({ ...world.set, status }, world.seen().owned, undefined, NOW_MS + 60_000).status).toEqual(status);
      }),
      { numRuns: 500 },
    );
  });

  it('that is being deleted neither creates nor deletes', () => {
    const world = new World(3);
    world.set = { ...world.set, metadata: { ...world.set.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(reconcile(world.seen(), NOW_MS)).toEqual({ release: [], adopt: [], create: 0, delete: [] });
  });
});

describe('The status of a ReplicaSet', () => {
  const ready = (since: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'p', labels: { app: 'a' } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }] },
  });

  it('counts a ready pod as available after minReadySeconds, and says when that will be', () => {
    const set = { ...setOf(2), spec: { ...setOf(2).spec!, minReadySeconds: 30 } };
    const { status, changesAtMs } = statusOf(set, [ready('2026-01-01T00:09:00Z'), ready('2026-01-01T00:09:50Z')], undefined, NOW_MS);
    expect(status).toEqual({ replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 0, observedGeneration: 1 });
    expect(changesAtMs).toBe(NOW_MS + 20_000);
  });

  it('keeps the time of a failure while it lasts, and forgets it when it is over', () => {
    const failure = { reason: 'FailedCreate', message: 'no' } as const;
    const first = statusOf(setOf(1), [], failure, NOW_MS).status;
    expect(first.conditions).toEqual([
      { type: 'ReplicaFailure', status: 'True', lastTransitionTime: '2026-01-01T00:10:00Z', reason: 'FailedCreate', message: 'no' },
    ]);
    expect(statusOf({ ...setOf(1), status: first }, [], failure, NOW_MS + 5000).status).toEqual(first);
    expect(statusOf({ ...setOf(1), status: first }, [], undefined, NOW_MS).status.conditions).toBeUndefined();
  });
});
