import { alter, fill } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Namespace } from '../../../schema/types.ts';
import { statusSubresource } from '../../../subresources.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { namespacePolicies } from './policies.ts';
import { validateNamespace, validateNamespaceUpdate } from './validate.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespace = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
  schema: 'io.k8s.api.core.v1.Namespace',
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, statusSubresource('Namespace')],
  columns: [nameColumn, { name: 'Status', description: 'The status of the namespace.', cell: (object) => object.status?.phase ?? '' }, ageColumn],
  selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
  strategy: {
    nameRule: 'dns-label',
    defaults: (object) => {
      const name = object.metadata.name;
      const labelled =
        name && object.metadata.labels?.[NAME_LABEL] !== name
          ? { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [NAME_LABEL]: name } } }
          : object;
      return alter(fill(labelled, { spec: {}, status: {} }), 'status', (status) => fill(status, { phase: 'Active' }));
    },
    prepareForCreate: (object) => ({
      ...object,
      spec: { ...object.spec, finalizers: [...new Set([...(object.spec?.finalizers ?? []), 'kubernetes'])] },
      status: { phase: 'Active' },
    }),
    prepareForUpdate: (object, old) => ({
      ...object,
      ...(old.spec ? { spec: { ...object.spec, ...(old.spec.finalizers ? { finalizers: old.spec.finalizers } : {}) } } : {}),
      ...(old.status ? { status: old.status } : {}),
    }),
    validate: validateNamespace,
    validateUpdate: validateNamespaceUpdate,
  },
  fieldPolicies: namespacePolicies,
  actedUpon: [{ room: 'controllers', fields: ['spec.finalizers', 'status'] }],
  example: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
});
