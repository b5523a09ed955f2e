import { fill } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Node } from '../../../schema/types.ts';
import { statusSubresource } from '../../../subresources.ts';
import { nodeColumns } from './columns.ts';
import { nodePolicies } from './policies.ts';
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './validate.ts';

/** podCIDR is the first of podCIDRs; allocatable is capacity until something is reserved. */
function defaults(object: Node): Node {
  let spec = fill(object.spec ?? {}, {});
  if (spec.podCIDR && !spec.podCIDRs) spec = { ...spec, podCIDRs: [spec.podCIDR] };
  else if (!spec.podCIDR && spec.podCIDRs?.[0]) spec = { ...spec, podCIDR: spec.podCIDRs[0] };
  const filled = spec === object.spec ? object : { ...object, spec };
  const status = object.status;
  return status?.capacity && !status.allocatable ? { ...filled, status: { ...status, allocatable: status.capacity } } : filled;
}

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Node',
  subresources: [statusSubresource('Node')],
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
  strategy: {
    defaults,
    // A node agent may register with its status in one write, as Kubernetes lets it.
    prepareForUpdate: (object, old) => (old.status ? { ...object, status: old.status } : object),
    validate: validateNode,
    validateUpdate: validateNodeUpdate,
    validateStatusUpdate: validateNodeStatusUpdate,
  },
  fieldPolicies: nodePolicies,
  actedUpon: [
    { room: 'scheduler', fields: ['spec.taints', 'spec.unschedulable'] },
    { room: 'clients', fields: ['status'] },
  ],
  example: {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'machine', labels: { 'kubernetes.io/hostname': 'machine', 'kubernetes.io/os': 'linux' } },
    status: {
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the node agent is ready' }],
    },
  },
});
