import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { ServiceAccount } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { serviceAccountPolicies } from './policies.ts';
import { validateServiceAccount, validateServiceAccountUpdate } from './validate.ts';

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  subresources: [],
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  strategy: { validate: validateServiceAccount, validateUpdate: validateServiceAccountUpdate },
  fieldPolicies: serviceAccountPolicies,
  example: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
});
