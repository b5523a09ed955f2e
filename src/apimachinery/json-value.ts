/** A JSON object, or a map of the API, whose fields are not known. */
export interface JsonMap {
  readonly [field: string]: unknown;
}

/** True for JSON objects: neither null nor an array. */
export const isMap = (value: unknown): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for JSON arrays; narrows to elements of unknown type. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Whether a map has no own fields. Allocates nothing. */
export function isEmptyMap(value: JsonMap): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

/** Structural equality of JSON values. The order of map keys does not matter; a field that is undefined equals an absent one. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return Number.isNaN(left) && Number.isNaN(right);
  if (isList(left)) {
    if (!isList(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!deepEqual(left[index], right[index])) return false;
    return true;
  }
  if (isList(right)) return false;
  const one = left as JsonMap;
  const other = right as JsonMap;
  let count = 0;
  for (const key in one) {
    const value = one[key];
    if (value === undefined) continue;
    count++;
    if (!deepEqual(value, other[key])) return false;
  }
  for (const key in other) if (other[key] !== undefined) count--;
  return count === 0;
}

/** Freezes a JSON value and everything in it, and returns it. Parts that are frozen already are taken to be frozen throughout. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (isList(value)) for (const item of value) freezeDeep(item);
  else for (const key in value) freezeDeep(value[key]);
  return value;
}

/** Sets a field of a map under construction, safely also for the name `__proto__`. */
export function setField(map: { [field: string]: unknown }, field: string, value: unknown): void {
  if (field === '__proto__') Object.defineProperty(map, field, { value, enumerable: true, configurable: true, writable: true });
  else map[field] = value;
}
