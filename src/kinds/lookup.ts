import type { AnyKind } from './define-kind.ts';
import { KINDS } from './list.ts';

const byGVK = new Map(KINDS.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
const byResource = new Map(KINDS.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

/** The kind of that group ('' is core), version and name, if it is served. */
export const kindByGVK = (group: string, version: string, kind: string): AnyKind | undefined => byGVK.get(`${group}/${version}/${kind}`);

/** The kind of that group ('' is core), version and plural name, if it is served. */
export const kindByResource = (group: string, version: string, plural: string): AnyKind | undefined => byResource.get(`${group}/${version}/${plural}`);

/** The kind that an object says it is, if it is served. */
export function kindOfObject(object: { readonly apiVersion: string; readonly kind: string }): AnyKind | undefined {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0
    ? kindByGVK('', object.apiVersion, object.kind)
    : kindByGVK(object.apiVersion.slice(0, slash), object.apiVersion.slice(slash + 1), object.kind);
}
