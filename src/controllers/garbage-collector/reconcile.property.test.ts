import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../apimachinery/index.ts';
import { decide, FOREGROUND, type GarbageAction, isForeground, leadsBack, ORPHAN } from './reconcile.ts';

type Policy = 'Background' | 'Foreground' | 'Orphan';

/** As much of an API server as deleting needs. */
class World {
  objects = new Map<string, KubeObject>();
  /** Uids of those that the collector removed although an owner lived: must stay empty. */
  wronged: string[] = [];

  constructor(edges: readonly (readonly [number, number, boolean])[], count: number) {
    for (let index = 0; index < count; index++) {
      const ownerReferences = edges
        .filter(([dependent, owner]) => dependent === index && owner !== index)
        .map(
          ([, owner, blockOwnerDeletion]): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: `o${owner}`, uid: `o${owner}`, blockOwnerDeletion }),
        )
        .filter((owner, at, all) => all.findIndex((other) => other.uid === owner.uid) === at);
      const uid = `o${index}`;
      this.objects.set(uid, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: uid, uid, ...(ownerReferences.length > 0 ? { ownerReferences } : {}) } });
    }
  }

  put(object: KubeObject): void {
    const { uid = '', deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.objects.delete(uid);
    else this.objects.set(uid, object);
  }

  delete(uid: string, policy: Policy): void {
    const object = this.objects.get(uid);
    if (!object || object.metadata.deletionTimestamp !== undefined) return;
    const finalizers = policy === 'Background' ? [] : [policy === 'Foreground' ? FOREGROUND : ORPHAN];
    this.put({ ...object, metadata: { ...object.metadata, finalizers, deletionTimestamp: 'now' } });
  }

  dependents(uid: string): readonly KubeObject[] {
    return [...this.objects.values()].filter((object) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid));
  }

  state(uid: string): 'live' | 'absent' | 'waiting' {
    const owner = this.objects.get(uid);
    if (!owner) return 'absent';
    return isForeground(owner) ? 'waiting' : 'live';
  }

  /** One action, of which only the first `writes` writes are made. Returns whether there was anything to do. */
  act(uid: string, action: GarbageAction, writes: number): boolean {
    const object = this.objects.get(uid)!;
    const { metadata } = object;
    const steps: (() => void)[] = [];
    const owners = (of: KubeObject, ownerReferences: readonly OwnerReference[]): void => this.put({ ...of, metadata: { ...of.metadata, ownerReferences } });
    switch (action.type) {
      case 'none':
      case 'wait':
        return false;
      case 'finish-foreground':
        steps.push(() => this.put({ ...object, metadata: { ...metadata, finalizers: [] } }));
        break;
      case 'orphan-dependents':
        for (const dependent of this.dependents(uid))
          steps.push(() =>
            owners(
              dependent,
              dependent.metadata.ownerReferences!.filter((owner) => owner.uid !== uid),
            ),
          );
        steps.push(() => this.put({ ...this.objects.get(uid)!, metadata: { ...metadata, finalizers: [] } }));
        break;
      case 'keep-owners':
        steps.push(() => owners(object, action.owners));
        break;
      case 'delete':
        if (action.unblock) steps.push(() => owners(object, action.unblock!));
        steps.push(() => {
          if (metadata.ownerReferences?.some((owner) => this.state(owner.uid) === 'live')) this.wronged.push(uid);
          this.delete(uid, action.policy);
        });
    }
    for (const step of steps.slice(0, writes)) step();
    return true;
  }

  collect(uid: string, writes = 99): boolean {
    const object = this.objects.get(uid);
    if (!object) return false;
    const waitsForItself = () => leadsBack(object, (owner) => this.objects.get(owner.uid));
    return this.act(uid, decide({ object, dependents: this.dependents(uid), waitsForItself, ownerState: (owner) => this.state(owner.uid) }), writes);
  }

  settle(): void {
    for (let round = 0; round < 300; round++) {
      let busy = false;
      for (const uid of [...this.objects.keys()]) busy = this.collect(uid) || busy;
      if (!busy) return;
    }
    throw new Error('collecting does not come to an end');
  }
}

const COUNT = 12;
const node = fc.nat(COUNT - 1);
const edges = (acyclic: boolean) =>
  fc
    .array(fc.tuple(node, fc.nat(COUNT + 1), fc.boolean()), { maxLength: 25 })
    .map((all) => all.filter(([dependent, owner]) => !acyclic || owner < dependent || owner >= COUNT));
const deletions = fc.array(
  fc.tuple(node, fc.constantFrom<Policy>('Background', 'Foreground', 'Orphan'), fc.array(fc.tuple(node, fc.nat(3)), { maxLength: 6 })),
  { maxLength: 5 },
);

describe('The garbage collector, over random graphs, deletions and crashes between writes', () => {
  it('leaves nothing whose owners are all gone, ends every deletion, and takes nothing that has a living owner', () => {
    fc.assert(
      fc.property(edges(true), deletions, (graph, history) => {
        const world = new World(graph, COUNT);
        for (const [uid, policy, meanwhile] of history) {
          world.delete(`o${uid}`, policy);
          for (const [other, writes] of meanwhile) world.collect(`o${other}`, writes);
        }
        world.settle();
        expect(world.wronged).toEqual([]);
        for (const object of world.objects.values()) {
          expect(object.metadata.deletionTimestamp).toBeUndefined();
          for (const owner of object.metadata.ownerReferences ?? []) expect(world.objects.has(owner.uid)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('ends also when owners and dependents form rings', () => {
    fc.assert(
      fc.property(edges(false), deletions, (graph, history) => {
        const world = new World(graph, COUNT);
        for (const [uid, policy] of history) world.delete(`o${uid}`, policy);
        world.settle();
        expect(world.wronged).toEqual([]);
        for (const object of world.objects.values()) expect(object.metadata.deletionTimestamp).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves dependents of owners of a kind that is not served alone', () => {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', uid: 'p', ownerReferences: [{ apiVersion: 'x/v1', kind: 'X', name: 'x', uid: 'x' }] },
    };
    expect(decide({ object, dependents: [], waitsForItself: () => false, ownerState: () => 'unknown' })).toEqual({ type: 'none' });
  });
});
