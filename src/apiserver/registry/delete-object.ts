import { conflict, type KubeObject, staleObject } from '../../apimachinery/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { CasError, type StoredObject } from '../../storage/index.ts';
import { admit } from '../admission/plugin.ts';
import type { DeleteOptions, Propagation } from './delete-options.ts';
import { isDeletionComplete, specFinalizers } from './deletion-state.ts';
import type { Registry } from './registry.ts';
import type { Resource } from './resource.ts';

/** What a deletion left: the object as it was (`gone`), or as it is while it ends. */
export interface Deleted {
  readonly object: KubeObject;
  readonly gone: boolean;
}

const ATTEMPTS = 16;
const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/**
 * Deletes an object, or begins to:
 *
 *   stored ──no grace, no finalizers──► gone
 *      └──grace or finalizers──► deletionTimestamp set ──shorter grace──► deletionTimestamp moved ──grace 0 and no finalizers──► gone
 */
export async function deleteObject(registry: Registry, resource: Resource, namespace: string, name: string, options: DeleteOptions): Promise<Deleted> {
  for (let attempt = 1; ; attempt += 1) {
    const live = resource.require(namespace, name);
    checkPreconditions(resource, live.object, options);
    try {
      return await deleteOnce(registry, resource, live, options);
    } catch (error) {
      if (!(error instanceof CasError)) throw error;
      if (options.preconditions?.resourceVersion || attempt === ATTEMPTS) throw staleObject(resource.subject, name);
    }
  }
}

function checkPreconditions(resource: Resource, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const refuse = (what: string, expected: string, got: string | undefined) =>
    conflict(resource.subject, metadata.name ?? '', `Precondition failed: ${what} in precondition: ${expected}, ${what} in object meta: ${got}`);
  if (preconditions?.uid && preconditions.uid !== metadata.uid) throw refuse('UID', preconditions.uid, metadata.uid);
  if (preconditions?.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion) {
    throw refuse('ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion);
  }
}

async function deleteOnce(registry: Registry, resource: Resource, live: StoredObject, options: DeleteOptions): Promise<Deleted> {
  const { kind } = resource;
  const old = live.object;
  const admission = admit(registry.admission, {
    operation: 'delete',
    kind,
    namespace: old.metadata.namespace ?? '',
    subresource: '',
    object: old,
    old,
    dryRun: options.dryRun,
  });
  try {
    const next = ending(registry, resource, old, options);
    const gone = isDeletionComplete(kind, next);
    if (options.dryRun) {
      admission.undo();
      return { object: gone ? old : next, gone };
    }
    if (next === old) {
      admission.undo();
      return { object: old, gone: false };
    }
    const stored = gone ? await resource.delete(live) : await resource.update(next, live.revision);
    if (gone) admission.done();
    else admission.undo();
    return { object: stored.object, gone };
  } catch (error) {
    admission.undo();
    throw error;
  }
}

/** The object as this deletion leaves it; the same object when nothing changes. */
function ending(registry: Registry, resource: Resource, old: KubeObject, options: DeleteOptions): KubeObject {
  const { kind } = resource;
  const finalizers = wantedFinalizers(old, options.propagation ?? (kind.strategy.defaultPropagation as Propagation | undefined));
  const grace = graceSeconds(kind.strategy.gracefulDelete?.(old), options.gracePeriodSeconds);
  const { deletionTimestamp, deletionGracePeriodSeconds: oldGrace = 0 } = old.metadata;
  if (deletionTimestamp !== undefined) {
    const shorter = grace < oldGrace;
    if (!shorter && sameList(finalizers, old.metadata.finalizers ?? [])) return old;
    const began = Date.parse(deletionTimestamp) - oldGrace * 1000;
    const moved = shorter ? { deletionTimestamp: rfc3339(began + grace * 1000), deletionGracePeriodSeconds: grace } : {};
    return withMetadata(old, { ...moved, finalizers });
  }
  const nowMs = registry.clock.now();
  const next = withMetadata(old, {
    deletionTimestamp: rfc3339(nowMs + grace * 1000),
    deletionGracePeriodSeconds: grace,
    finalizers,
    ...(old.metadata.generation === undefined ? {} : { generation: old.metadata.generation + 1 }),
  });
  return specFinalizers(kind, old).length > 0
    ? ({ ...next, status: { ...(next as { readonly status?: object }).status, phase: 'Terminating' } } as KubeObject)
    : next;
}

/** Grace of kinds that end gracefully; nothing to wait for (an unscheduled pod) is 0 whatever was asked. */
const graceSeconds = (graceful: { readonly seconds: number } | undefined, asked: number | undefined): number => (graceful ? (asked ?? graceful.seconds) : 0);

/** The garbage collector's finalizers follow the last propagation policy that was asked for. */
function wantedFinalizers(old: KubeObject, propagation: Propagation | undefined): readonly string[] {
  const present = old.metadata.finalizers ?? [];
  if (propagation === undefined) return present;
  const others = present.filter((one) => one !== FOREGROUND && one !== ORPHAN);
  if (propagation === 'Background') return others;
  return [...others, propagation === 'Orphan' ? ORPHAN : FOREGROUND];
}

function withMetadata(object: KubeObject, change: Partial<KubeObject['metadata']>): KubeObject {
  const { finalizers, ...metadata } = { ...object.metadata, ...change };
  return { ...object, metadata: { ...metadata, ...(finalizers && finalizers.length > 0 ? { finalizers } : {}) } };
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one, index) => one === b[index]);
