import type { KubeObject } from '../../apimachinery/index.ts';
import { type Block, block, type Entry, pairs, timeText } from './lines.ts';

/** All fields of an object, named as people read them. Values of Secrets are shown as sizes. */
export function genericBlock(object: KubeObject): Block {
  const { apiVersion, kind, metadata, ...rest } = object;
  const content = kind === 'Secret' ? hideSecrets(rest) : rest;
  return block([
    ['Name', metadata.name ?? ''],
    ...(metadata.namespace ? [['Namespace', metadata.namespace] as const] : []),
    ['Labels', pairs(metadata.labels, '=')],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['API Version', apiVersion],
    ['Kind', kind],
    ['Created', timeText(metadata.creationTimestamp)],
    ...Object.entries(content).map(([key, value]): Entry => [title(key), shown(value)]),
  ]);
}

const title = (key: string): string => (/^[a-z][A-Za-z]*$/.test(key) ? `${key[0]?.toUpperCase()}${key.slice(1).replace(/([a-z])([A-Z])/g, '$1 $2')}` : key);

function shown(value: unknown): string | Block {
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    if (items.length === 0) return '<none>';
    return block(
      items.flatMap((item): readonly Entry[] =>
        typeof item === 'object' && item !== null ? Object.entries(item).map(([key, inner]): Entry => [title(key), shown(inner)]) : [String(item)],
      ),
    );
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return entries.length === 0 ? '<none>' : block(entries.map(([key, inner]): Entry => [title(key), shown(inner)]));
  }
  return value === null || value === undefined ? '<none>' : String(value);
}

function hideSecrets(content: object): object {
  const { data, ...rest } = content as { readonly data?: { readonly [key: string]: string } };
  return { ...rest, data: Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, `${Buffer.from(value, 'base64').length} bytes`])) };
}
