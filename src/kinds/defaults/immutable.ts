/** `object` with the fields of `values` that it leaves out; the same object when nothing is missing. */
export function fill<T extends object>(object: T, values: Partial<T>): T {
  let missing: Partial<T> | undefined;
  for (const key of Object.keys(values) as (keyof T)[]) {
    if (object[key] === undefined) {
      missing ??= {};
      missing[key] = values[key]!;
    }
  }
  return missing ? { ...object, ...missing } : object;
}

/** `object` with one present field changed by `change`; the same object when the field is left out or stays the same. */
export function alter<T extends object, K extends keyof T>(object: T, key: K, change: (value: NonNullable<T[K]>) => NonNullable<T[K]>): T {
  const old = object[key];
  if (old === undefined || old === null) return object;
  const next = change(old);
  return next === old ? object : { ...object, [key]: next };
}

/** Maps a list; the same list when no element changed. */
export function mapSame<T>(list: readonly T[], change: (one: T, index: number) => T): readonly T[] {
  let changed: T[] | undefined;
  for (const [index, one] of list.entries()) {
    const next = change(one, index);
    if (next !== one) {
      changed ??= [...list];
      changed[index] = next;
    }
  }
  return changed ?? list;
}

/** `object` without the named fields; the same object when it has none of them. */
export function without<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  if (!keys.some((key) => key in object)) return object;
  const copy = { ...object };
  for (const key of keys) delete copy[key];
  return copy;
}
