import type { KubeObject, OwnerReference } from '../../apimachinery/index.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** What is known of an owner. `waiting`: it is being deleted in the foreground and waits for its dependents. `unknown`: of a kind that is not served. */
export type OwnerState = 'live' | 'absent' | 'waiting' | 'unknown';

interface GarbageSeen {
  readonly object: KubeObject;
  readonly ownerState: (owner: OwnerReference) => OwnerState;
  /** Objects that name this one as an owner, by uid. */
  readonly dependents: readonly KubeObject[];
  /** Whether the object is among the owners of its owners, all of them waiting in the foreground: none would ever end. */
  readonly waitsForItself: () => boolean;
}

/** What is to be done about one object; at most one write to it. */
export type GarbageAction =
  | { readonly type: 'none' }
  /** Take this object out of the owners of its dependents, then the finalizer off. */
  | { readonly type: 'orphan-dependents' }
  /** All that blocked it is gone: take the finalizer off, so that it can go itself. */
  | { readonly type: 'finish-foreground' }
  /** Look at these first: they block it. */
  | { readonly type: 'wait'; readonly dependents: readonly KubeObject[] }
  /** Have these owners from now on: without those that are gone or going when another one lives; no longer blocking them when all wait in a ring. */
  | { readonly type: 'keep-owners'; readonly owners: readonly OwnerReference[] }
  | {
      readonly type: 'delete';
      readonly policy: 'Background' | 'Foreground' | 'Orphan';
      /** Set when owner and dependent wait for each other: references that must stop blocking first. */
      readonly unblock?: readonly OwnerReference[];
    };

const NONE: GarbageAction = { type: 'none' };

const isGoing = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;
const hasFinalizer = (object: KubeObject, name: string): boolean => object.metadata.finalizers?.includes(name) === true;

/** Whether the object is being deleted only after its dependents. */
export const isForeground = (object: KubeObject): boolean => isGoing(object) && hasFinalizer(object, FOREGROUND);
export const isOrphaning = (object: KubeObject): boolean => isGoing(object) && hasFinalizer(object, ORPHAN);

const blocks = (dependent: KubeObject, owner: KubeObject): boolean =>
  dependent.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid && reference.blockOwnerDeletion === true) === true;

const unblocking = (owners: readonly OwnerReference[]): readonly OwnerReference[] => owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }));

/** Follows blocking references through owners that wait in the foreground, and tells whether they lead back to the object. */
export function leadsBack(object: KubeObject, find: (owner: OwnerReference) => KubeObject | undefined): boolean {
  const passed = new Set<string>();
  const open = [object];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const reference of next.metadata.ownerReferences ?? []) {
      if (!reference.blockOwnerDeletion || passed.has(reference.uid)) continue;
      if (reference.uid === object.metadata.uid) return true;
      passed.add(reference.uid);
      const owner = find(reference);
      if (owner && isForeground(owner)) open.push(owner);
    }
  }
  return false;
}

function policyOf(object: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan';
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background';
}

/** Decides about one object. Takes nothing that has a living owner, nor anything whose owners are of a kind it cannot look up. */
export function decide(seen: GarbageSeen): GarbageAction {
  const { object, dependents } = seen;
  if (isOrphaning(object)) return { type: 'orphan-dependents' };
  if (isForeground(object)) {
    const blocking = dependents.filter((dependent) => blocks(dependent, object));
    if (blocking.length === 0) return { type: 'finish-foreground' };
    const owners = object.metadata.ownerReferences ?? [];
    const isStuck = blocking.some(isForeground) && owners.some((owner) => owner.blockOwnerDeletion) && seen.waitsForItself();
    return isStuck ? { type: 'keep-owners', owners: unblocking(owners) } : { type: 'wait', dependents: blocking };
  }
  if (isGoing(object)) return NONE;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return NONE;
  const states = owners.map((owner) => ({ owner, state: seen.ownerState(owner) }));
  const solid = states.filter(({ state }) => state === 'live' || state === 'unknown').map(({ owner }) => owner);
  if (solid.length > 0) return solid.length === owners.length ? NONE : { type: 'keep-owners', owners: solid };
  if (!states.some(({ state }) => state === 'waiting') || dependents.length === 0) return { type: 'delete', policy: policyOf(object) };
  const circular = dependents.some(isForeground);
  return {
    type: 'delete',
    policy: 'Foreground',
    ...(circular ? { unblock: unblocking(owners) } : {}),
  };
}
