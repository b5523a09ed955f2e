const ordered = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : value;

/** JSON with sorted keys: the same text for objects that mean the same, whoever wrote them. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, ordered) ?? 'null';
