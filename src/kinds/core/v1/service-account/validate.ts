import type { FieldError } from '../../../../apimachinery/index.ts';
import type { ServiceAccount } from '../../../schema/types.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

export const validateServiceAccount = (object: ServiceAccount): readonly FieldError[] => validateMetadata(object, { namespaced: true });
export const validateServiceAccountUpdate = (object: ServiceAccount, old: ServiceAccount): readonly FieldError[] => validateMetadataUpdate(object, old);
