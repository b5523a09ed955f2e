import { deepEqual, type FieldError, fieldInvalid, fieldRequired } from '../../../../apimachinery/index.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../../schema/types.ts';
import { immutable, notNegative } from '../../../validation/errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validateSelectorAndTemplate } from '../../../validation/pod-template-owner.ts';

export function validateReplicaSet(object: ReplicaSet): readonly FieldError[] {
  const meta = validateMetadata(object, { namespaced: true });
  const spec = object.spec;
  if (!spec) return [...meta, fieldRequired('spec')];
  return [
    ...meta,
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
  ];
}

export const validateReplicaSetUpdate = (object: ReplicaSet, old: ReplicaSet): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...immutable('spec.selector', object.spec?.selector, deepEqual(object.spec?.selector, old.spec?.selector)),
];

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;

export function validateReplicaSetStatusUpdate(object: ReplicaSet): readonly FieldError[] {
  const status: ReplicaSetStatus = object.status ?? { replicas: 0 };
  return [
    ...(['replicas', 'observedGeneration', ...PARTS] as const).flatMap((count) => notNegative(`status.${count}`, status[count])),
    ...PARTS.filter((part) => (status[part] ?? 0) > status.replicas).map((part) =>
      fieldInvalid(`status.${part}`, status[part], 'cannot be greater than status.replicas'),
    ),
    ...((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0)
      ? [fieldInvalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas')]
      : []),
  ];
}
