import { podTemplateActedUpon } from '../../../core/v1/pod/acted-upon.ts';
import { templateDefaults } from '../../../core/v1/pod/spec-defaults.ts';
import { templateOwnerWarnings } from '../../../core/v1/pod/warnings.ts';
import { alter, fill } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../../schema/types.ts';
import { scaleSubresource, statusSubresource } from '../../../subresources.ts';
import { ageColumn, labelSelectorText, nameColumn, templateColumns } from '../../../table/columns.ts';
import { deploymentPolicies } from './policies.ts';
import { validateDeployment, validateDeploymentStatusUpdate, validateDeploymentUpdate } from './validate.ts';

const strategyDefaults = (given: DeploymentStrategy): DeploymentStrategy => {
  const strategy = fill(given, { type: 'RollingUpdate' });
  if (strategy.type !== 'RollingUpdate') return strategy;
  return alter(fill(strategy, { rollingUpdate: {} }), 'rollingUpdate', (rolling) => fill(rolling, { maxSurge: '25%', maxUnavailable: '25%' }));
};

const specDefaults = (given: DeploymentSpec): DeploymentSpec =>
  alter(
    alter(fill(given, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }), 'strategy', strategyDefaults),
    'template',
    templateDefaults,
  );

export const deployment = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.apps.v1.Deployment',
  subresources: [scaleSubresource, statusSubresource('Deployment')],
  scalePaths: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
  columns: [
    nameColumn,
    {
      name: 'Ready',
      description: 'Pods that are ready, of those wanted.',
      cell: (object) => `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
    },
    { name: 'Up-to-date', description: 'Pods of the newest template.', cell: (object) => String(object.status?.updatedReplicas ?? 0) },
    { name: 'Available', description: 'Pods that have been ready for minReadySeconds.', cell: (object) => String(object.status?.availableReplicas ?? 0) },
    ageColumn,
    ...templateColumns<Deployment>(
      (object) => object.spec?.template?.spec?.containers,
      (object) => labelSelectorText(object.spec?.selector),
    ),
  ],
  selectableFields: {},
  strategy: {
    generation: true,
    defaults: (object) => alter(object, 'spec', specDefaults),
    prepareForCreate: (object) => ({ ...object, status: {} }),
    prepareForUpdate: (object, old) => ({ ...object, ...(old.status ? { status: old.status } : {}) }),
    validate: validateDeployment,
    validateUpdate: validateDeploymentUpdate,
    validateStatusUpdate: validateDeploymentStatusUpdate,
    warnings: templateOwnerWarnings,
  },
  fieldPolicies: deploymentPolicies,
  actedUpon: [
    {
      room: 'controllers',
      fields: [
        'spec.minReadySeconds',
        'spec.paused',
        'spec.progressDeadlineSeconds',
        'spec.replicas',
        'spec.revisionHistoryLimit',
        'spec.selector',
        'spec.strategy.type',
        'spec.strategy.rollingUpdate.maxSurge',
        'spec.strategy.rollingUpdate.maxUnavailable',
      ],
    },
    ...podTemplateActedUpon('spec.template'),
    { room: 'clients', fields: ['status'] },
  ],
  example: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'order', namespace: 'default', labels: { app: 'order' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'order' } },
      template: { metadata: { labels: { app: 'order' } }, spec: { containers: [{ name: 'order', image: 'order-service:v1' }] } },
    },
  },
});
