import { controllerRef, type KubeObject } from '../apimachinery/index.ts';

/** `object` under the control of `owner`. */
export const adopted = <T extends KubeObject>(object: T, owner: KubeObject): T => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences: [...(object.metadata.ownerReferences ?? []), controllerRef(owner)] },
});

/** `object` without its references to the owner of that uid. */
export function released<T extends KubeObject>(object: T, ownerUid: string): T {
  const { ownerReferences, ...metadata } = object.metadata;
  const rest = (ownerReferences ?? []).filter((owner) => owner.uid !== ownerUid);
  return { ...object, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata };
}
