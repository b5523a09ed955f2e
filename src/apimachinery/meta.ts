import type { KubeObject, OwnerReference } from './object.ts';

/** namespace/name, or the name alone for cluster objects: the key of work queues and caches. */
export const objectKey = (namespace: string | undefined, name: string): string => (namespace ? `${namespace}/${name}` : name);

export const keyOf = (object: KubeObject): string => objectKey(object.metadata.namespace, object.metadata.name ?? '');

/** The parts of a key made by objectKey. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Group and version of an apiVersion; the core group is ''. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The reference of the one controller that manages the object. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined => object.metadata.ownerReferences?.find((owner) => owner.controller === true);

/** Whether `owner` is the object's controller: by uid, so a recreated owner of the same name is another one. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean => {
  const uid = controllerOf(object)?.uid;
  return uid !== undefined && uid === owner.metadata.uid;
};

/** A reference that makes `owner` the controller of whoever carries it. */
export const controllerRef = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name ?? '',
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const isBeingDeleted = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** A condition of a status; kinds have their own further fields. */
export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export const findCondition = <C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find((one) => one.type === type);

/**
 * The list with `condition` in it. lastTransitionTime is `now` only when the status changes; the same list comes back when nothing differs, so that
 * callers can compare by identity. Fields other than those of ConditionLike are taken from `condition`.
 */
export function setCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, condition: C, now: string): readonly C[] {
  const old = findCondition(conditions, condition.type);
  if (!old) return [...(conditions ?? []), { ...condition, lastTransitionTime: condition.lastTransitionTime ?? now }];
  const lastTransitionTime = old.status === condition.status ? (old.lastTransitionTime ?? now) : (condition.lastTransitionTime ?? now);
  const next = { ...condition, lastTransitionTime };
  const same = Object.entries(next).every(([field, value]) => (old as unknown as { [field: string]: unknown })[field] === value);
  if (same && Object.keys(old).length === Object.keys(next).length) return conditions ?? [];
  return (conditions ?? []).map((one) => (one === old ? next : one));
}

/** The list without the condition of that type; the same list when it is not there. */
export const removeCondition = <C extends ConditionLike>(conditions: readonly C[], type: string): readonly C[] =>
  findCondition(conditions, type) ? conditions.filter((one) => one.type !== type) : conditions;
