import { checkDns1123Subdomain, checkQualifiedName, type FieldError, fieldRequired } from '../../../../apimachinery/index.ts';
import type { Pod } from '../../../schema/types.ts';
import { validateIp } from '../../../validation/addresses.ts';
import { checked, notNegative } from '../../../validation/errors.ts';
import { validateMetadata } from '../../../validation/metadata.ts';
import { validateDroverAnnotations } from './annotations.ts';
import { validatePodSpec } from './validate-spec.ts';

export const validatePod = (object: Pod): readonly FieldError[] => [
  ...validateMetadata(object, { namespaced: true }),
  ...validateDroverAnnotations(object.metadata.annotations, 'metadata.annotations'),
  ...(object.spec ? validatePodSpec(object.spec, 'spec', { isPod: true, annotations: object.metadata.annotations }) : [fieldRequired('spec')]),
];

/** What a node agent may report. */
export function validatePodStatusUpdate(object: Pod): readonly FieldError[] {
  const status = object.status ?? {};
  return [
    ...(status.nominatedNodeName ? checked('status.nominatedNodeName', status.nominatedNodeName, checkDns1123Subdomain) : []),
    ...(status.podIPs ?? []).flatMap((one, index) => validateIp(`status.podIPs[${index}]`, one.ip)),
    ...(status.conditions ?? []).flatMap((condition, index) => checked(`status.conditions[${index}].type`, condition.type, checkQualifiedName)),
    ...(status.containerStatuses ?? []).flatMap((one, index) => notNegative(`status.containerStatuses[${index}].restartCount`, one.restartCount)),
  ];
}
