import { podTemplateActedUpon } from '../../../core/v1/pod/acted-upon.ts';
import { templateDefaults } from '../../../core/v1/pod/spec-defaults.ts';
import { alter, fill } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../../../schema/types.ts';
import { scaleSubresource, statusSubresource } from '../../../subresources.ts';
import { ageColumn, labelSelectorText, nameColumn, templateColumns } from '../../../table/columns.ts';
import { replicaSetPolicies } from './policies.ts';
import { validateReplicaSet, validateReplicaSetStatusUpdate, validateReplicaSetUpdate } from './validate.ts';

const specDefaults = (given: ReplicaSetSpec): ReplicaSetSpec => alter(fill(given, { replicas: 1 }), 'template', templateDefaults);

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  subresources: [scaleSubresource, statusSubresource('ReplicaSet')],
  scalePaths: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', description: 'Pods wanted.', cell: (object) => object.spec?.replicas ?? 0 },
    { name: 'Current', type: 'integer', description: 'Pods that exist.', cell: (object) => object.status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', description: 'Pods that are ready.', cell: (object) => object.status?.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<ReplicaSet>(
      (object) => object.spec?.template?.spec?.containers,
      (object) => labelSelectorText(object.spec?.selector),
    ),
  ],
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  strategy: {
    generation: true,
    defaults: (object) => alter(object, 'spec', specDefaults),
    prepareForCreate: (object) => ({ ...object, status: { replicas: 0 } }),
    prepareForUpdate: (object, old) => ({ ...object, ...(old.status ? { status: old.status } : {}) }),
    validate: validateReplicaSet,
    validateUpdate: validateReplicaSetUpdate,
    validateStatusUpdate: validateReplicaSetStatusUpdate,
  },
  fieldPolicies: replicaSetPolicies,
  actedUpon: [
    { room: 'controllers', fields: ['spec.minReadySeconds', 'spec.replicas', 'spec.selector'] },
    ...podTemplateActedUpon('spec.template'),
    { room: 'clients', fields: ['status'] },
  ],
  example: {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'order-5d8f', namespace: 'default', labels: { app: 'order' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'order' } },
      template: { metadata: { labels: { app: 'order' } }, spec: { containers: [{ name: 'order', image: 'order-service:v1' }] } },
    },
  },
});
