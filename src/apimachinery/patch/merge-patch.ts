import { deepEqual, isMap, type JsonMap, setField } from '../json-value.ts';

/** The value without nulls in its maps, as a merge patch stores what is new. */
function withoutNulls(value: unknown): unknown {
  if (!isMap(value)) return value;
  const result: { [field: string]: unknown } = {};
  for (const [field, inner] of Object.entries(value)) if (inner !== null) setField(result, field, withoutNulls(inner));
  return result;
}

/** Applies a JSON merge patch (RFC 7386). Pure; parts that the patch does not touch are shared with the target. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  if (!isMap(target)) return withoutNulls(patch);
  let result: { [field: string]: unknown } | undefined;
  for (const field of Object.keys(patch)) {
    const wanted = patch[field];
    const present = Object.hasOwn(target, field);
    const old = present ? target[field] : undefined;
    if (wanted === null) {
      if (!present) continue;
      result ??= { ...target };
      delete result[field];
      continue;
    }
    const next = applyMergePatch(old, wanted);
    if (present && next === old) continue;
    result ??= { ...target };
    setField(result, field, next);
  }
  return result ?? target;
}

/** The merge patch that deletes what was applied last and is no longer wanted, and brings `live` to `desired` where the latter speaks; undefined: nothing to do. */
export function createThreeWayMergePatch(last: JsonMap, live: JsonMap, desired: JsonMap): JsonMap | undefined {
  const patch: { [field: string]: unknown } = {};
  for (const field of Object.keys(desired)) {
    const wanted = desired[field];
    const has = Object.hasOwn(live, field);
    if (has && isMap(wanted) && isMap(live[field])) {
      const before = Object.hasOwn(last, field) && isMap(last[field]) ? last[field] : {};
      const inner = createThreeWayMergePatch(before, live[field], wanted);
      if (inner) setField(patch, field, inner);
    } else if (!has || !deepEqual(live[field], wanted)) setField(patch, field, wanted);
  }
  for (const field of Object.keys(last)) if (!Object.hasOwn(desired, field) && Object.hasOwn(live, field)) setField(patch, field, null);
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** The merge patch that turns `from` into `to`; undefined when they are equal. Nulls inside maps cannot be expressed by merge patches. */
export const createMergePatch = (from: JsonMap, to: JsonMap): JsonMap | undefined => createThreeWayMergePatch(from, from, to);
