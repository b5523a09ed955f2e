import { deepEqual, isEmptyMap } from '../json-value.ts';
import type { KubeObject, ManagedFieldsEntry } from '../object.ts';
import type { Definitions } from '../schema.ts';
import { compareFields, type FieldComparison } from './compare-fields.ts';
import { isEmptySet, NO_FIELDS, subtract, unite } from './field-set.ts';
import { ignoredFields } from './ignored-fields.ts';
import { type FieldManager, isSameManager, readManagers, trustedManagers, writeManagers } from './managers.ts';

interface UpdateToTrack {
  readonly definitions: Definitions;
  /** Name of the object's definition. */
  readonly schema: string;
  /** Undefined for a create. */
  readonly old: KubeObject | undefined;
  readonly new: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  /** '' or left out for the object itself. */
  readonly subresource?: string;
  readonly nowMs: number;
}

/** The object with these managedFields; the object itself when it has them already. */
export function withManagedFields<T extends KubeObject>(object: T, entries: readonly ManagedFieldsEntry[] | undefined): T {
  if (object.metadata.managedFields === entries) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } };
}

/** Entries that a client sent: what was there before, when it left them out, sent the same, or sent what cannot be read. */
function startingEntries(
  given: readonly ManagedFieldsEntry[] | undefined,
  before: readonly ManagedFieldsEntry[] | undefined,
): readonly ManagedFieldsEntry[] | undefined {
  if (given === undefined || given.length === 0 || given === before || deepEqual(given, before)) return before;
  return readManagers(given) ? given : before;
}

/** One entry without content asks to forget all managers. */
const isReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean => entries?.length === 1 && isEmptyMap({ ...entries[0] });

/** Takes what changed from everyone but `writer`, and what is gone from everyone. */
export function loseFields(
  managers: readonly FieldManager[],
  { changed, removed }: FieldComparison,
  isWriter: (one: FieldManager) => boolean,
): readonly FieldManager[] {
  return managers.map((one) => {
    if (isWriter(one)) return one;
    const fields = subtract(subtract(one.fields, changed), removed);
    return fields === one.fields ? one : { ...one, fields };
  });
}

/**
 * The new object with managedFields that say who set what: `manager` owns what this write changed, and nobody owns what it removed. Pure. When the write
 * changes only what its manager owns already, the old managedFields come back as they are, without any copying.
 */
export function trackUpdate<T extends KubeObject>(update: Omit<UpdateToTrack, 'new'> & { readonly new: T }): T {
  const { definitions, schema, old, apiVersion, subresource = '', manager, nowMs } = update;
  const before = old?.metadata.managedFields;
  if (isReset(update.new.metadata.managedFields)) return withManagedFields(update.new, undefined);
  const starting = startingEntries(update.new.metadata.managedFields, before);
  const compared = compareFields(definitions, definitions[schema], old ?? {}, update.new, ignoredFields(definitions, schema, subresource));
  if (starting === before && isEmptySet(compared.changed) && isEmptySet(compared.removed)) return withManagedFields(update.new, before);
  const writer = { manager, operation: 'Update' as const, apiVersion, subresource };
  const isWriter = (one: FieldManager) => isSameManager(one, writer);
  const managers = loseFields(trustedManagers(starting), compared, isWriter);
  const known = managers.find(isWriter);
  const fields = unite(subtract(known?.fields ?? NO_FIELDS, compared.removed), compared.changed);
  const mine: FieldManager = known ? { ...known, fields } : { ...writer, time: undefined, fields, entry: undefined };
  const next = known ? managers.map((one) => (one === known ? mine : one)) : [...managers, mine];
  return withManagedFields(update.new, writeManagers(starting, next, nowMs));
}
