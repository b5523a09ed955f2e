import { deepEqual, isMap, type JsonMap, setField } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { asList, elementSchema, type PatchField, patchField } from './patch-schema.ts';
import { DELETE_PREFIX, DIRECTIVE, ORDER_PREFIX, RETAIN_KEYS } from './strategic-merge.ts';

type Building = { [field: string]: unknown };

const keysOf = (list: readonly unknown[], mergeKey: string): readonly unknown[] => list.map((item) => (isMap(item) ? item[mergeKey] : undefined));

/** Whether every element is an object with a key of its own: only such lists can be patched element by element. */
const isKeyed = (list: readonly unknown[], mergeKey: string): boolean => {
  const keys = keysOf(list, mergeKey);
  return keys.every((key) => typeof key === 'string' || typeof key === 'number') && new Set(keys).size === keys.length;
};

class Differ {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  map(schema: Schema | undefined, last: JsonMap, live: JsonMap, desired: JsonMap): Building | undefined {
    const patch: Building = {};
    for (const field of Object.keys(desired)) {
      const facts = patchField(this.#definitions, schema, field);
      this.#field(
        patch,
        field,
        facts,
        Object.hasOwn(last, field) ? last[field] : undefined,
        Object.hasOwn(live, field) ? live[field] : undefined,
        desired[field],
      );
    }
    for (const field of Object.keys(last)) {
      if (!Object.hasOwn(desired, field) && Object.hasOwn(live, field)) setField(patch, field, null);
    }
    return Object.keys(patch).length > 0 ? patch : undefined;
  }

  #field(patch: Building, field: string, facts: PatchField, last: unknown, live: unknown, desired: unknown): void {
    if (live === undefined) setField(patch, field, desired);
    else if (isMap(desired) && isMap(live) && !facts.replaces) {
      const inner = this.map(facts.schema, isMap(last) ? last : {}, live, desired);
      if (!inner) return;
      setField(patch, field, facts.retainsKeys ? { ...inner, [RETAIN_KEYS]: Object.keys(desired).sort() } : inner);
    } else if (facts.mergesList && Array.isArray(desired) && Array.isArray(live)) this.#list(patch, field, facts, asList(last), live, desired);
    else if (!deepEqual(live, desired)) setField(patch, field, desired);
  }

  #list(patch: Building, field: string, facts: PatchField, last: readonly unknown[], live: readonly unknown[], desired: readonly unknown[]): void {
    const { mergeKey } = facts;
    if (deepEqual(live, desired)) return;
    if (mergeKey === undefined) {
      primitives(patch, field, last, live, desired);
      return;
    }
    if (![last, live, desired].every((list) => isKeyed(list, mergeKey))) {
      setField(patch, field, [...desired, { [DIRECTIVE]: 'replace' }]);
      return;
    }
    const items = elementSchema(facts.schema);
    const find = (list: readonly unknown[], key: unknown) => list.find((item): item is JsonMap => isMap(item) && item[mergeKey] === key);
    const changes: unknown[] = [];
    for (const item of desired) {
      if (!isMap(item)) continue;
      const old = find(live, item[mergeKey]);
      if (!old) {
        changes.push(item);
        continue;
      }
      const inner = this.map(items, find(last, item[mergeKey]) ?? {}, old, item);
      if (!inner) continue;
      const retained = facts.retainsKeys ? { [RETAIN_KEYS]: Object.keys(item).sort() } : {};
      changes.push({ ...inner, ...retained, [mergeKey]: item[mergeKey] });
    }
    for (const key of keysOf(last, mergeKey)) {
      if (!find(desired, key) && find(live, key)) changes.push({ [DIRECTIVE]: 'delete', [mergeKey]: key });
    }
    const wanted = keysOf(desired, mergeKey);
    const shared = keysOf(live, mergeKey).filter((key) => wanted.includes(key));
    const inOrder = deepEqual(
      shared,
      wanted.filter((key) => shared.includes(key)),
    );
    if (changes.length === 0 && inOrder) return;
    if (changes.length > 0) setField(patch, field, changes);
    patch[`${ORDER_PREFIX}${field}`] = wanted.map((key) => ({ [mergeKey]: key }));
  }
}

function primitives(patch: Building, field: string, last: readonly unknown[], live: readonly unknown[], desired: readonly unknown[]): void {
  const added = desired.filter((item) => !live.includes(item));
  const removed = last.filter((item) => !desired.includes(item) && live.includes(item));
  if (added.length > 0) setField(patch, field, added);
  if (removed.length > 0) patch[`${DELETE_PREFIX}${field}`] = [...new Set(removed)];
  const shared = live.filter((item) => desired.includes(item));
  if (
    added.length > 0 ||
    removed.length > 0 ||
    !deepEqual(
      shared,
      desired.filter((item) => shared.includes(item)),
    )
  )
    patch[`${ORDER_PREFIX}${field}`] = desired;
}

/**
 * The strategic merge patch that `apply` sends: it brings `live` to what `desired` says, and deletes what was applied last and is no longer said.
 * What others set beside that stays. Undefined: nothing to do.
 */
export const createThreeWayStrategicPatch = (definitions: Definitions, name: string, last: JsonMap, live: JsonMap, desired: JsonMap): JsonMap | undefined =>
  new Differ(definitions).map(definitions[name], last, live, desired);

/** The strategic merge patch that turns `from` into `to`; undefined when they are equal. */
export const createStrategicMergePatch = (definitions: Definitions, name: string, from: JsonMap, to: JsonMap): JsonMap | undefined =>
  createThreeWayStrategicPatch(definitions, name, from, from, to);
