import type { ResourceRef } from '../kinds/index.ts';

/** `v1` or `apps/v1`, for a kind. */
export const groupVersionOf = (ref: { readonly group: string; readonly version: string }): string => (ref.group ? `${ref.group}/${ref.version}` : ref.version);

/** The URL path of a kind's collection, of one object, or of its subresource. Cluster-wide when no namespace is given. */
export function resourcePath(
  ref: ResourceRef,
  target: { readonly namespace?: string | undefined; readonly name?: string; readonly subresource?: string },
): string {
  const root = ref.group ? `/apis/${ref.group}/${ref.version}` : `/api/${ref.version}`;
  const space = ref.namespaced && target.namespace ? `/namespaces/${encodeURIComponent(target.namespace)}` : '';
  const name = target.name === undefined ? '' : `/${encodeURIComponent(target.name)}`;
  const subresource = target.subresource ? `/${target.subresource}` : '';
  return `${root}${space}/${ref.plural}${name}${subresource}`;
}

/** The path of one object; a namespaced kind without a namespace is the caller's mistake and throws. */
export function objectPath(ref: ResourceRef, name: string, namespace: string | undefined, subresource?: string): string {
  if (!name) throw new TypeError(`${ref.kind}: a name is needed to address one object`);
  if (ref.namespaced && !namespace) throw new TypeError(`${ref.kind} "${name}": a namespace is needed, because ${ref.plural} are namespaced`);
  return resourcePath(ref, { namespace, name, ...(subresource ? { subresource } : {}) });
}
