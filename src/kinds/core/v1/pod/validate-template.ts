import { type FieldError, fieldRequired } from '../../../../apimachinery/index.ts';
import type { PodTemplateSpec } from '../../../schema/types.ts';
import { validateAnnotations, validateLabels } from '../../../validation/metadata.ts';
import { validateDroverAnnotations } from './annotations.ts';
import { validatePodSpec } from './validate-spec.ts';

/** What a pod template must be; `field` is where it stands. */
export const validatePodTemplate = (template: PodTemplateSpec, field: string): readonly FieldError[] => [
  ...validateLabels(template.metadata?.labels, `${field}.metadata.labels`),
  ...validateAnnotations(template.metadata?.annotations, `${field}.metadata.annotations`),
  ...validateDroverAnnotations(template.metadata?.annotations, `${field}.metadata.annotations`),
  ...(template.spec
    ? validatePodSpec(template.spec, `${field}.spec`, { isPod: false, annotations: template.metadata?.annotations })
    : [fieldRequired(`${field}.spec`)]),
];
