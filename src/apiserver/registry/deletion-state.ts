import type { KubeObject } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';

/** Finalizers in the spec, which kinds with a `finalize` subresource (namespaces) have beside those of metadata. */
export function specFinalizers(kind: AnyKind, object: KubeObject): readonly string[] {
  if (!kind.subresources.some(({ name }) => name === 'finalize')) return [];
  const { spec } = object as KubeObject & { readonly spec?: { readonly finalizers?: readonly string[] } };
  return spec?.finalizers ?? [];
}

/** An object that is being deleted goes with its last finalizer, unless it is still given time to end. */
export function isDeletionComplete(kind: AnyKind, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return specFinalizers(kind, object).length === 0;
}
