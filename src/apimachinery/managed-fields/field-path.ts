import { isMap, type JsonMap } from '../json-value.ts';

/** Key fields of lists that Kubernetes defaults before it looks for elements. */
const KEY_DEFAULTS: { readonly [key: string]: unknown } = { protocol: 'TCP' };

/** The element of a field of a struct or map. */
export const fieldElement = (field: string): string => `f:${field}`;

/** The element of an item of a set. */
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

/** The element of an item of a list that is a map by these key fields. */
export function keyElement(keys: readonly string[], item: unknown): string {
  const given: JsonMap = isMap(item) ? item : {};
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return `k:{${JSON.stringify(only)}:${JSON.stringify(given[only] ?? KEY_DEFAULTS[only] ?? null)}}`;
  const parts = [...keys]
    .sort()
    .filter((key) => given[key] !== undefined || KEY_DEFAULTS[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(given[key] ?? KEY_DEFAULTS[key])}`);
  return `k:{${parts.join(',')}}`;
}

function elementText(element: string): string {
  const body = element.slice(2);
  if (element.startsWith('f:')) return `.${body}`;
  if (element.startsWith('v:')) return `[=${body}]`;
  if (!element.startsWith('k:')) return `[${body}]`;
  const keys: unknown = JSON.parse(body);
  const parts = isMap(keys) ? Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`) : [];
  return `[${parts.join(',')}]`;
}

/** A path as conflicts print it: .spec.template.spec.containers[name="app"].image. */
export const fieldPathText = (path: readonly string[]): string => path.map(elementText).join('');
