import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { ConfigMap } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { validateConfigMap, validateConfigMapUpdate } from './validate.ts';

export const configMap = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  subresources: [],
  columns: [
    nameColumn,
    {
      name: 'Data',
      description: 'How many keys data and binaryData hold.',
      cell: (object) => String(Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length),
    },
    ageColumn,
  ],
  selectableFields: {},
  strategy: { validate: validateConfigMap, validateUpdate: validateConfigMapUpdate },
  fieldPolicies: [],
  actedUpon: [
    { room: 'kubelet', fields: ['data{*}', 'binaryData{*}'] },
    { room: 'apiserver', fields: ['immutable'] },
  ],
  example: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'default' }, data: { CURRENCY: 'EUR' } },
});
