import { type FieldError, fieldInvalid } from '../../../../apimachinery/index.ts';
import type { Lease } from '../../../schema/types.ts';
import { notNegative } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

export function validateLease(object: Lease): readonly FieldError[] {
  const seconds = object.spec?.leaseDurationSeconds;
  return [
    ...validateMetadata(object, { namespaced: true }),
    ...(seconds !== undefined && seconds <= 0 ? [fieldInvalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
    ...notNegative('spec.leaseTransitions', object.spec?.leaseTransitions),
  ];
}

export const validateLeaseUpdate = (object: Lease, old: Lease): readonly FieldError[] => validateMetadataUpdate(object, old);
