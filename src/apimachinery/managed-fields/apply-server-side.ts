import { deepEqual, isMap } from '../json-value.ts';
import type { KubeObject } from '../object.ts';
import type { Definitions } from '../schema.ts';
import { badRequest } from '../status-error.ts';
import { compareFields } from './compare-fields.ts';
import { conflictsWith, type FieldConflict } from './conflicts.ts';
import { extractFields } from './extract-fields.ts';
import { type FieldSet, intersect, isEmptySet, NO_FIELDS, subtract, subtractWhole, unite } from './field-set.ts';
import { ignoredFields } from './ignored-fields.ts';
import { type FieldManager, isSameManager, trustedManagers, writeManagers } from './managers.ts';
import { mergeApplied, removeFields, withParents } from './merge-applied.ts';
import { loseFields, withManagedFields } from './track-update.ts';

export interface ServerSideApply {
  readonly definitions: Definitions;
  /** Name of the object's definition. */
  readonly schema: string;
  /** Undefined: the object is created. */
  readonly live: KubeObject | undefined;
  /** What the client sent, after checkSchema. */
  readonly applied: KubeObject;
  readonly manager: string;
  /** Takes fields from other managers instead of answering with conflicts. */
  readonly force: boolean;
  readonly apiVersion: string;
  /** '' or left out for the object itself. */
  readonly subresource?: string;
  readonly nowMs: number;
}

/** `object` is the very live object when the apply changes nothing. */
export type ServerSideApplied = { readonly object: KubeObject } | { readonly conflicts: readonly FieldConflict[] };

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Fields that kubectl's client-side apply set before: kubectl's server-side apply may take them over without asking. */
function lastAppliedFields({ definitions, schema, live, manager }: ServerSideApply): FieldSet {
  const text = manager === 'kubectl' ? live?.metadata.annotations?.[LAST_APPLIED] : undefined;
  if (text === undefined) return NO_FIELDS;
  try {
    return extractFields(definitions, definitions[schema], JSON.parse(text));
  } catch {
    // A client may write anything there; what cannot be read vouches for nothing.
    return NO_FIELDS;
  }
}

function startingManagers({ definitions, schema, live, apiVersion }: ServerSideApply, ignored: FieldSet): readonly FieldManager[] {
  const managers = trustedManagers(live?.metadata.managedFields);
  if (managers.length > 0 || !live) return managers;
  const { changed: fields } = compareFields(definitions, definitions[schema], {}, live, ignored);
  return [{ manager: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time: undefined, fields, entry: undefined }];
}

/** Applies a configuration: fields in it are set and owned, fields that were in the last one and that nobody owns any more are removed. Pure. */
export function applyServerSide(request: ServerSideApply): ServerSideApplied {
  const { definitions, schema, applied, manager, force, apiVersion, subresource = '', nowMs } = request;
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const definition = definitions[schema];
  const ignored = ignoredFields(definitions, schema, subresource);
  const { namespace, name } = applied.metadata;
  const live: KubeObject = request.live ?? {
    apiVersion,
    kind: applied.kind,
    metadata: { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) },
  };
  const before = live.metadata.managedFields;
  const starting = startingManagers(request, ignored);
  const writer = { manager, operation: 'Apply' as const, apiVersion, subresource };
  const isWriter = (one: FieldManager) => isSameManager(one, writer);
  const known = starting.find(isWriter);
  const wanted = subtractWhole(extractFields(definitions, definition, applied), ignored);

  const merged = mergeApplied(definitions, definition, live, applied);
  const owned = starting.reduce((all, one) => (isWriter(one) ? all : unite(all, one.fields)), wanted);
  const orphaned = known ? subtract(withParents(definitions, definition, known.fields), withParents(definitions, definition, owned)) : NO_FIELDS;
  const pruned = isEmptySet(orphaned) ? merged : removeFields(definitions, definition, merged, orphaned);
  const object = isMap(pruned) ? (pruned as unknown as KubeObject) : live;

  const compared = compareFields(definitions, definition, live, object, ignored);
  const contested = starting.filter((one) => !isWriter(one)).map((one) => ({ one, fields: intersect(one.fields, compared.changed) }));
  if (!force) {
    const vouched = contested.some(({ fields }) => !isEmptySet(fields)) ? lastAppliedFields(request) : NO_FIELDS;
    const conflicts = contested.flatMap(({ one, fields }) => conflictsWith(one, subtract(fields, vouched)));
    if (conflicts.length > 0) return { conflicts };
  }
  const managers = loseFields(starting, compared, isWriter);
  const mine: FieldManager = known ? { ...known, apiVersion, fields: wanted } : { ...writer, time: undefined, fields: wanted, entry: undefined };
  const next = known ? managers.map((one) => (one === known ? mine : one)) : [...managers, mine];
  const entries = writeManagers(before, next, nowMs);
  if (request.live && deepEqual(object, live) && deepEqual(entries, before)) return { object: request.live };
  return { object: withManagedFields(object, entries) };
}
