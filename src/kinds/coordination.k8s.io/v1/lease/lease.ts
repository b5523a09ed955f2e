import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Lease } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { leasePolicies } from './policies.ts';
import { validateLease, validateLeaseUpdate } from './validate.ts';

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.coordination.v1.Lease',
  subresources: [],
  columns: [nameColumn, { name: 'Holder', description: 'Who holds the lease.', cell: (object) => object.spec?.holderIdentity ?? '' }, ageColumn],
  selectableFields: {},
  strategy: { validate: validateLease, validateUpdate: validateLeaseUpdate },
  fieldPolicies: leasePolicies,
  actedUpon: [
    { room: 'controllers', fields: ['spec.renewTime', 'spec.leaseDurationSeconds', 'spec.holderIdentity'] },
    { room: 'clients', fields: ['spec.acquireTime', 'spec.leaseTransitions'] },
  ],
  example: {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'machine', namespace: 'kube-node-lease' },
    spec: { holderIdentity: 'machine', leaseDurationSeconds: 40 },
  },
});
