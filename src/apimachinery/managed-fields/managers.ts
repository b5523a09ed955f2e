import { rfc3339 } from '../../std/index.ts';
import type { ManagedFieldsEntry } from '../object.ts';
import { equalSets, type FieldSet, isEmptySet, readFieldSet, unite } from './field-set.ts';

/** One manager and what it owns. `entry` is where it came from; it is kept as it is while `fields` stays the same set. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
  readonly entry: ManagedFieldsEntry | undefined;
}

/** More Update managers than this: the oldest are put together, so that objects written by many do not grow for ever. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = 'ancient-changes';

/** Reads managedFields; undefined when an entry cannot be understood. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): readonly FieldManager[] | undefined {
  const managers: FieldManager[] = [];
  for (const entry of entries ?? []) {
    const fields = readFieldSet(entry.fieldsV1 ?? {});
    const { operation } = entry;
    if (!fields || entry.fieldsType !== 'FieldsV1' || (operation !== 'Apply' && operation !== 'Update')) return undefined;
    const { manager = '', apiVersion = '', subresource = '', time } = entry;
    managers.push({ manager, operation, apiVersion, subresource, time, fields, entry });
  }
  return managers;
}

/** As readManagers, for entries that this program wrote itself: nothing is checked. */
export const trustedManagers = (entries: readonly ManagedFieldsEntry[] | undefined): readonly FieldManager[] =>
  (entries ?? []).map((entry) => ({
    manager: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time,
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
    entry,
  }));

/** Whether both name the same manager; one that applies keeps its identity over versions. */
export const isSameManager = (left: Omit<FieldManager, 'fields' | 'entry' | 'time'>, right: Omit<FieldManager, 'fields' | 'entry' | 'time'>): boolean =>
  left.manager === right.manager &&
  left.operation === right.operation &&
  left.subresource === right.subresource &&
  (left.operation === 'Apply' || left.apiVersion === right.apiVersion);

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const inOrder = (left: FieldManager, right: FieldManager): number =>
  compareText(left.operation, right.operation) ||
  compareText(left.time ?? '', right.time ?? '') ||
  compareText(left.manager, right.manager) ||
  compareText(left.apiVersion, right.apiVersion) ||
  compareText(left.subresource, right.subresource);

function putOldestTogether(managers: readonly FieldManager[]): readonly FieldManager[] {
  const updates = managers.filter((one) => one.operation === 'Update' && one.subresource === '').sort(inOrder);
  const excess = updates.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return managers;
  const old = updates.slice(0, excess + 1);
  const byVersion = new Map<string, FieldManager>();
  for (const one of old) {
    const known = byVersion.get(one.apiVersion);
    const fields = known ? unite(known.fields, one.fields) : one.fields;
    byVersion.set(one.apiVersion, { ...one, manager: ANCIENT, fields, entry: undefined });
  }
  return [...managers.filter((one) => !old.includes(one)), ...byVersion.values()];
}

/** What was owned before, with new sets; sets that became empty go. `time` moves only for a manager whose set changed. */
export function writeManagers(
  before: readonly ManagedFieldsEntry[] | undefined,
  managers: readonly FieldManager[],
  nowMs: number,
): readonly ManagedFieldsEntry[] | undefined {
  const alive = managers.filter((one) => !isEmptySet(one.fields));
  const isSame =
    before !== undefined && alive.length === before.length && alive.every((one, index) => one.entry === before[index] && one.fields === one.entry?.fieldsV1);
  if (isSame) return before;
  if (alive.length === 0) return undefined;
  const now = rfc3339(nowMs);
  const timed = alive.map((one) => {
    if (one.entry && one.entry.apiVersion === one.apiVersion && equalSets(one.fields, (one.entry.fieldsV1 ?? {}) as FieldSet)) return one;
    return { ...one, time: now, entry: undefined };
  });
  return [...putOldestTogether(timed)].sort(inOrder).map(
    ({ entry, manager, operation, apiVersion, time, fields, subresource }) =>
      entry ?? {
        manager,
        operation,
        apiVersion,
        ...(time === undefined ? {} : { time }),
        fieldsType: 'FieldsV1',
        fieldsV1: fields,
        ...(subresource ? { subresource } : {}),
      },
  );
}
