import {
  checkLabelValue,
  checkQualifiedName,
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  parseQuantity,
} from '../../../../apimachinery/index.ts';
import type { Node, Taint } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateTaints(taints: readonly Taint[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const field = `spec.taints[${index}]`;
    errors.push(...checked(`${field}.key`, taint.key ?? '', checkQualifiedName), ...checked(`${field}.value`, taint.value ?? '', checkLabelValue));
    if (!taint.effect) errors.push(fieldRequired(`${field}.effect`));
    else if (!EFFECTS.includes(taint.effect)) errors.push(fieldNotSupported(`${field}.effect`, taint.effect, EFFECTS));
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) errors.push(fieldDuplicate(field, taint));
    seen.add(identity);
  }
  return errors;
}

const validateAmounts = (amounts: { readonly [name: string]: string } | undefined, field: string): readonly FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, quantity]) => [
    ...checked(`${field}[${name}]`, name, checkQualifiedName),
    ...(parseQuantity(quantity).nanos < 0n ? [fieldInvalid(`${field}[${name}]`, quantity, 'must be greater than or equal to 0')] : []),
  ]);

const validateStatus = (object: Node): readonly FieldError[] => [
  ...validateAmounts(object.status?.capacity, 'status.capacity'),
  ...validateAmounts(object.status?.allocatable, 'status.allocatable'),
];

export const validateNode = (object: Node): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: false }),
  ...validateTaints(object.spec?.taints ?? []),
  ...validateStatus(object),
];

export function validateNodeUpdate(object: Node, old: Node): readonly FieldError[] {
  const errors = [...validateMetadataUpdate(object, old)];
  const before = old.spec?.podCIDRs ?? [];
  if (before.length > 0 && before.join() !== (object.spec?.podCIDRs ?? []).join()) {
    errors.push(fieldForbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec?.providerID && old.spec.providerID !== object.spec?.providerID) {
    errors.push(fieldForbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

export const validateNodeStatusUpdate = (object: Node): readonly FieldError[] => validateStatus(object);
