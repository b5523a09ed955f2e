/** Lines of a description: `Name:   value` pairs aligned per block, blocks below others indented by two. */
export type Entry = readonly [label: string, value: string | readonly string[] | Block] | string;
export interface Block {
  readonly entries: readonly Entry[];
}

export const block = (entries: readonly (Entry | undefined)[]): Block => ({ entries: entries.filter((entry) => entry !== undefined) });

const LEVEL = '  ';

/** Writes a block: values start in one column, wide enough for the longest label. */
export function describeLines(content: Block, indent = ''): readonly string[] {
  const labels = content.entries.flatMap((entry) => (typeof entry === 'string' || isBlock(entry[1]) ? [] : [entry[0].length + 1]));
  const width = Math.max(0, ...labels) + 2;
  return content.entries.flatMap((entry) => {
    if (typeof entry === 'string') return [`${indent}${entry}`];
    const [label, value] = entry;
    if (isBlock(value)) return [`${indent}${label}:`, ...describeLines(value, indent + LEVEL)];
    const values = typeof value === 'string' ? [value] : value;
    if (values.length === 0) return [`${indent}${`${label}:`.padEnd(width)}<none>`];
    return values.map((one, index) => `${indent}${(index === 0 ? `${label}:` : '').padEnd(width)}${one}`);
  });
}

const isBlock = (value: string | readonly string[] | Block): value is Block => typeof value === 'object' && !Array.isArray(value);

/** `key=value` lines of labels, `key: value` of annotations. */
export const pairs = (map: { readonly [key: string]: string } | undefined, between: string): readonly string[] =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}${between}${value.length > 140 ? `${value.slice(0, 137)}...` : value}`);

/** Kubernetes prints times as Mon, 02 Jan 2006 15:04:05 -0700. */
export function timeText(time: string | undefined): string {
  if (!time) return '<unset>';
  return new Date(time).toUTCString().replace('GMT', '+0000');
}
