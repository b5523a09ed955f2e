import { deepEqual, type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../../../apimachinery/index.ts';
import type { Deployment, DeploymentSpec, DeploymentStatus } from '../../../schema/types.ts';
import { immutable, notNegative } from '../../../validation/errors.ts';
import { isNone, validateAtMostAll, validateIntOrPercent } from '../../../validation/int-or-percent.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';
import { validateSelectorAndTemplate } from '../../../validation/pod-template-owner.ts';

function validateStrategy(spec: DeploymentSpec): readonly FieldError[] {
  const { type, rollingUpdate } = spec.strategy ?? {};
  const field = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate') return rollingUpdate ? [fieldForbidden(field, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate') return [fieldNotSupported('spec.strategy.type', type, ['Recreate', 'RollingUpdate'])];
  if (!rollingUpdate) return [fieldRequired(field, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [...validateIntOrPercent(`${field}.maxUnavailable`, maxUnavailable), ...validateIntOrPercent(`${field}.maxSurge`, maxSurge)];
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(fieldInvalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...errors, ...validateAtMostAll(`${field}.maxUnavailable`, maxUnavailable)];
}

function validateProgress(spec: DeploymentSpec): readonly FieldError[] {
  const deadline = spec.progressDeadlineSeconds;
  if (deadline === undefined) return [];
  const field = 'spec.progressDeadlineSeconds';
  return [
    ...notNegative(field, deadline),
    ...(deadline <= (spec.minReadySeconds ?? 0) ? [fieldInvalid(field, deadline, 'must be greater than minReadySeconds')] : []),
  ];
}

export function validateDeployment(object: Deployment): readonly FieldError[] {
  const meta = validateMetadata(object, { namespaced: true });
  const spec = object.spec;
  if (!spec) return [...meta, fieldRequired('spec')];
  return [
    ...meta,
    ...notNegative('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
    ...validateStrategy(spec),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateProgress(spec),
  ];
}

export const validateDeploymentUpdate = (object: Deployment, old: Deployment): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...immutable('spec.selector', object.spec?.selector, deepEqual(object.spec?.selector, old.spec?.selector)),
];

const COUNTS = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'collisionCount'] as const;
const PARTS = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;

export function validateDeploymentStatusUpdate(object: Deployment, old: Deployment): readonly FieldError[] {
  const status: DeploymentStatus = object.status ?? {};
  const replicas = status.replicas ?? 0;
  const before = old.status?.collisionCount;
  return [
    ...COUNTS.flatMap((count) => notNegative(`status.${count}`, status[count])),
    ...PARTS.filter((part) => (status[part] ?? 0) > replicas).map((part) =>
      fieldInvalid(`status.${part}`, status[part], 'cannot be greater than status.replicas'),
    ),
    ...((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0)
      ? [fieldInvalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas')]
      : []),
    ...(before !== undefined && (status.collisionCount ?? 0) < before
      ? [fieldInvalid('status.collisionCount', status.collisionCount ?? 0, 'cannot be decremented')]
      : []),
  ];
}
