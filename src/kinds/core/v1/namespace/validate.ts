import { checkQualifiedName, type FieldError, fieldInvalid } from '../../../../apimachinery/index.ts';
import type { Namespace } from '../../../schema/types.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

const finalizerErrors = (finalizer: string): readonly FieldError[] => {
  const field = 'spec.finalizers';
  const errors = checkQualifiedName(finalizer).map((text) => fieldInvalid(field, finalizer, text));
  if (errors.length === 0 && !finalizer.includes('/') && finalizer !== 'kubernetes' && finalizer !== 'orphan' && finalizer !== 'foregroundDeletion') {
    errors.push(fieldInvalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  return errors;
};

export const validateNamespace = (object: Namespace): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: false, nameRule: 'dns-label' }),
  ...(object.spec?.finalizers ?? []).flatMap(finalizerErrors),
];

export const validateNamespaceUpdate = (object: Namespace, old: Namespace): readonly FieldError[] => validateMetadataUpdate(object, old);
