import { type FieldError, fieldRequired } from '../../../../apimachinery/index.ts';
import type { Pod } from '../../../schema/types.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validateDroverAnnotations } from './annotations.ts';
import { validatePodSpec } from './validate-spec.ts';

export const validatePod = (object: Pod): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: true }),
  ...validateDroverAnnotations(object.metadata.annotations, 'metadata.annotations'),
  ...(object.spec ? validatePodSpec(object.spec, 'spec', { isPod: true, annotations: object.metadata.annotations }) : [fieldRequired('spec')]),
];

export const validatePodUpdate = (object: Pod, old: Pod): readonly FieldError[] => validateMetadataUpdate(object, old);

export const validatePodStatusUpdate = (): readonly FieldError[] => [];
