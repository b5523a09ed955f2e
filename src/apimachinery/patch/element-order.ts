import { isMap } from '../json-value.ts';

const identity = (item: unknown, mergeKey: string | undefined): string => {
  const value = mergeKey === undefined ? item : isMap(item) ? item[mergeKey] : undefined;
  return `${typeof value}:${String(value)}`;
};

/** Positions of elements by identity; the first of duplicates counts. */
function positions(list: readonly unknown[], mergeKey: string | undefined): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const id = identity(item, mergeKey);
    if (!found.has(id)) found.set(id, index);
  }
  return found;
}

/**
 * Puts the elements that `order` names into that order; the others (only the server has them) keep their place relative to those that were on the
 * server before: an unnamed element comes before the first named one that it preceded on the server.
 */
export function mergeInOrder(
  items: readonly unknown[],
  server: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const wanted = positions(order, mergeKey);
  const before = positions(server, mergeKey);
  const rank = (item: unknown) => wanted.get(identity(item, mergeKey)) ?? 0;
  const place = (item: unknown) => before.get(identity(item, mergeKey));
  const named = items.filter((item) => wanted.has(identity(item, mergeKey))).sort((left, right) => rank(left) - rank(right));
  const others = items.filter((item) => !wanted.has(identity(item, mergeKey)));
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const at = place(item);
    while (next < others.length && at !== undefined && (place(others[next]) ?? Number.POSITIVE_INFINITY) < at) result.push(others[next++]);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
