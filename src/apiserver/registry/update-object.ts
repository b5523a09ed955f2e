import { badRequest, conflict, deepEqual, type FieldError, invalid, type KubeObject, staleObject } from '../../apimachinery/index.ts';
import { CasError, type StoredObject } from '../../storage/index.ts';
import { admit } from '../admission/plugin.ts';
import { checkChange, checkStatus } from './check-object.ts';
import { checkNamespace, type Written } from './create-object.ts';
import { isDeletionComplete } from './deletion-state.ts';
import type { Registry } from './registry.ts';
import type { Resource } from './resource.ts';
import type { WriteOptions } from './write-options.ts';

export interface UpdateOptions extends WriteOptions {
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly warn: (text: string) => void;
  /** What the object is to become. Called again with the newer object when somebody else wrote in between. */
  readonly change: (live: KubeObject) => KubeObject;
  /** Ownership of the changed fields; gets the object as it will be and as it was. */
  readonly track: (next: KubeObject, live: KubeObject) => KubeObject;
}

/** How often a change that carries no resourceVersion is made anew on the newer object. */
const ATTEMPTS = 16;

/** Changes an object, all or nothing. A change that carries the resourceVersion it was made from fails with 409 when that is not the newest. */
export async function updateObject(registry: Registry, resource: Resource, options: UpdateOptions): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const live = resource.require(options.namespace, options.name);
    const wanted = options.change(live.object);
    const pinned = checkIdentity(resource, wanted, live.object, options);
    try {
      return await updateOnce(registry, resource, wanted, live, options);
    } catch (error) {
      if (!(error instanceof CasError)) throw error;
      if (pinned || attempt === ATTEMPTS) throw staleObject(resource.subject, options.name);
    }
  }
}

/** Whether the change names the revision that it was made from. */
function checkIdentity(resource: Resource, wanted: KubeObject, live: KubeObject, { name, namespace }: UpdateOptions): boolean {
  const { metadata } = wanted;
  if (metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  checkNamespace(wanted, namespace, resource.kind.namespaced);
  if (metadata.uid && metadata.uid !== live.metadata.uid) {
    throw conflict(resource.subject, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${live.metadata.uid}`);
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== live.metadata.resourceVersion) throw staleObject(resource.subject, name);
  return Boolean(metadata.resourceVersion);
}

async function updateOnce(registry: Registry, resource: Resource, wanted: KubeObject, live: StoredObject, options: UpdateOptions): Promise<Written> {
  const { kind } = resource;
  const old = live.object;
  const next = prepared(registry, resource, wanted, old, options);
  const counted = kind.strategy.generation && specChanged(next, old) ? withGeneration(next, (old.metadata.generation ?? 0) + 1) : next;
  const tracked = options.track(counted, old);
  const admission = admit(registry.admission, {
    operation: 'update',
    kind,
    namespace: options.namespace,
    subresource: options.subresource,
    object: tracked,
    old,
    dryRun: options.dryRun,
  });
  try {
    checkFinalizers(resource, admission.object, old);
    if (options.subresource === 'status') checkStatus(kind, admission.object, old);
    // Other subresources change what only they may change, and check it themselves.
    else if (options.subresource === '') checkChange(kind, admission.object, old, options.warn);
    if (options.dryRun || sameButForTimes(admission.object, old)) {
      admission.undo();
      return options.dryRun ? { object: admission.object } : { object: old, stored: live };
    }
    const done = isDeletionComplete(kind, admission.object);
    const stored = done ? await resource.delete(live) : await resource.update(admission.object, live.revision);
    admission.done();
    return { object: done ? admission.object : stored.object, ...(done ? {} : { stored }) };
  } catch (error) {
    admission.undo();
    throw error;
  }
}

/** What the client may decide from the wanted object, the rest from the stored one. */
function prepared(registry: Registry, resource: Resource, wanted: KubeObject, old: KubeObject, options: UpdateOptions): KubeObject {
  const { strategy } = resource.kind;
  const context = { nowMs: registry.clock.now() };
  const kept = keepSystemMetadata(wanted, old);
  if (options.subresource === 'status') {
    return strategy.prepareForStatusUpdate?.(kept, old, context) ?? onlyStatus(kept, old);
  }
  if (options.subresource !== '') return kept;
  const defaulted: KubeObject = strategy.defaults?.(kept) ?? kept;
  return strategy.prepareForUpdate?.(defaulted, old, context) ?? defaulted;
}

/** System fields are never the client's to change. Labels, annotations, owners and finalizers are. */
function keepSystemMetadata(wanted: KubeObject, old: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace, name, resourceVersion } = old.metadata;
  const {
    uid: _uid,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    selfLink: _link,
    ...metadata
  } = wanted.metadata;
  return {
    ...wanted,
    metadata: {
      ...metadata,
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(generation === undefined ? {} : { generation }),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
      ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    },
  };
}

/** A status write changes the status, and whose fields they are. */
function onlyStatus(wanted: KubeObject, old: KubeObject): KubeObject {
  const { managedFields } = wanted.metadata;
  const { status: _, ...rest } = old as KubeObject & { readonly status?: unknown };
  const { status } = wanted as KubeObject & { readonly status?: unknown };
  return { ...rest, metadata: { ...old.metadata, ...(managedFields ? { managedFields } : {}) }, ...(status === undefined ? {} : { status }) };
}

/** Everything but metadata and status counts as spec. */
function specChanged(next: KubeObject, old: KubeObject): boolean {
  const { metadata: _m, status: _s, ...spec } = next as KubeObject & { readonly status?: unknown };
  const { metadata: _om, status: _os, ...oldSpec } = old as KubeObject & { readonly status?: unknown };
  return !deepEqual(spec, oldSpec);
}

const withGeneration = (object: KubeObject, generation: number): KubeObject => ({ ...object, metadata: { ...object.metadata, generation } });

/** A write that changes nothing but the time somebody last claimed a field is no write. */
function sameButForTimes(next: KubeObject, old: KubeObject): boolean {
  const bare = ({ metadata: { managedFields, ...metadata }, ...rest }: KubeObject) => ({
    ...rest,
    metadata: { ...metadata, managedFields: managedFields?.map(({ time: _time, ...entry }) => entry) },
  });
  return deepEqual(bare(next), bare(old));
}

function checkFinalizers({ kind }: Resource, next: KubeObject, old: KubeObject): void {
  if (old.metadata.deletionTimestamp === undefined) return;
  const before = new Set(old.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((one) => !before.has(one));
  if (added.length === 0) return;
  const detail = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
  const errors: readonly FieldError[] = [{ type: 'FieldValueForbidden', field: 'metadata.finalizers', detail }];
  throw invalid(kind.group, kind.kind, next.metadata.name ?? '', errors);
}
