import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkPathSegmentName,
  checkQualifiedName,
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  type KubeObject,
  type NameCheck,
  type ObjectMeta,
  type OwnerReference,
} from '../../apimachinery/index.ts';
import { checked } from './errors.ts';

export type NameRule = 'dns-subdomain' | 'dns-label' | 'dns-1035-label' | 'path-segment';

const NAME_CHECKS: { readonly [rule in NameRule]: NameCheck } = {
  'dns-subdomain': checkDns1123Subdomain,
  'dns-label': checkDns1123Label,
  'dns-1035-label': checkDns1035Label,
  'path-segment': checkPathSegmentName,
};

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** Labels, as every object and every template carries them. */
export const validateLabels = (labels: ObjectMeta['labels'], field: string): readonly FieldError[] =>
  Object.entries(labels ?? {}).flatMap(([key, value]) => [...checked(field, key, checkQualifiedName), ...checked(field, value, checkLabelValue)]);

/** Annotations: keys without regard to case, and 256 KiB in all. */
export function validateAnnotations(annotations: ObjectMeta['annotations'], field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...checkQualifiedName(key.toLowerCase()).map((text) => fieldInvalid(field, key, text)));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > ANNOTATIONS_LIMIT_BYTES) errors.push(fieldTooLong(field, ANNOTATIONS_LIMIT_BYTES));
  return errors;
}

function validateOwner(owner: OwnerReference, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const version = owner.apiVersion?.split('/').at(-1) ?? '';
  if (version === '') errors.push(fieldInvalid(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
  for (const key of ['kind', 'name', 'uid'] as const) {
    if (!owner[key]) errors.push(fieldInvalid(`${field}.${key}`, owner[key] ?? '', `${key} must not be empty`));
  }
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(fieldInvalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
  return errors;
}

function validateOwners(owners: readonly OwnerReference[], field: string): readonly FieldError[] {
  const errors = owners.flatMap((owner) => validateOwner(owner, field));
  let controller: string | undefined;
  for (const owner of owners) {
    if (!owner.controller) continue;
    if (controller !== undefined) {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`;
      errors.push(fieldInvalid(field, owners, text));
    }
    controller = owner.name;
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[], field: string): readonly FieldError[] {
  const errors = finalizers.flatMap((finalizer) => checked(field, finalizer, checkQualifiedName));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(fieldInvalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** What every object's metadata must be, in Kubernetes' texts. */
export function validateMetadata(object: KubeObject, kind: { readonly namespaced: boolean; readonly nameRule?: NameRule }): readonly FieldError[] {
  const meta = object.metadata;
  const nameCheck = NAME_CHECKS[kind.nameRule ?? 'dns-subdomain'];
  const errors: FieldError[] = [];
  if (meta.generateName) {
    // A prefix may end with a dash: five characters follow it.
    errors.push(...nameCheck(meta.generateName.replace(/-$/, 'a')).map((text) => fieldInvalid('metadata.generateName', meta.generateName, text)));
  }
  if (!meta.name) errors.push(fieldRequired('metadata.name', 'name or generateName is required'));
  else errors.push(...checked('metadata.name', meta.name, nameCheck));
  if (kind.namespaced) {
    if (!meta.namespace) errors.push(fieldRequired('metadata.namespace'));
    else errors.push(...checked('metadata.namespace', meta.namespace, checkDns1123Label));
  } else if (meta.namespace) errors.push(fieldForbidden('metadata.namespace', 'not allowed on this type'));
  errors.push(
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwners(meta.ownerReferences ?? [], 'metadata.ownerReferences'),
    ...validateFinalizers(meta.finalizers ?? [], 'metadata.finalizers'),
  );
  return errors;
}

/** What an update may not change in metadata. Names, uid and times are kept by the API server before this runs. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (!old.metadata.deletionTimestamp) return [];
  const before = new Set(old.metadata.finalizers ?? []);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [fieldForbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`)];
}
