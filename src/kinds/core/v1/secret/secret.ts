import { fill, without } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Secret } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { validateSecret, validateSecretUpdate } from './validate.ts';

/** stringData is write-only: it becomes data, its keys winning. */
function mergeStringData(object: Secret): Secret {
  if (object.stringData === undefined) return object;
  const encoded = Object.entries(object.stringData).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')] as const);
  return { ...without(object, 'stringData'), data: { ...object.data, ...Object.fromEntries(encoded) } };
}

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Secret',
  subresources: [],
  columns: [
    nameColumn,
    { name: 'Type', description: 'What the data is for, and so which keys it has.', cell: (object) => object.type ?? '' },
    { name: 'Data', description: 'How many keys data holds.', cell: (object) => String(Object.keys(object.data ?? {}).length) },
    ageColumn,
  ],
  selectableFields: { type: (object) => object.type ?? '' },
  strategy: {
    defaults: (object) => fill(mergeStringData(object), { type: 'Opaque' }),
    validate: validateSecret,
    validateUpdate: validateSecretUpdate,
  },
  fieldPolicies: [],
  actedUpon: [
    { room: 'kubelet', fields: ['data{*}'] },
    { room: 'apiserver', fields: ['immutable', 'stringData{*}', 'type'] },
  ],
  example: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'payment', namespace: 'default' }, type: 'Opaque', data: { API_KEY: 'c2hvcA==' } },
});
