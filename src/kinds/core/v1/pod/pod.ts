import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Pod } from '../../../schema/types.ts';
import { statusSubresource } from '../../../subresources.ts';
import { podActedUpon } from './acted-upon.ts';
import { podColumns } from './columns.ts';
import { isPodTerminal } from './conditions.ts';
import { podDefaults } from './defaults.ts';
import { podPolicies } from './policies.ts';
import { preparePodCreate, preparePodUpdate } from './prepare.ts';
import { validatePod, validatePodStatusUpdate } from './validate.ts';
import { validatePodUpdate } from './validate-update.ts';
import { podWarnings } from './warnings.ts';

const DEFAULT_GRACE_SECONDS = 30;

/** A pod that runs nowhere, or has ended, has nothing to wait for. A negative time means the shortest one that still asks first. */
function graceSeconds(object: Pod): number {
  if (!object.spec?.nodeName || isPodTerminal(object)) return 0;
  const seconds = object.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return seconds < 0 ? 1 : seconds;
}

export const pod = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Pod',
  subresources: [
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    statusSubresource('Pod'),
  ],
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? '',
    'status.podIPs': (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? '',
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
  strategy: {
    defaults: podDefaults,
    prepareForCreate: preparePodCreate,
    prepareForUpdate: preparePodUpdate,
    validate: validatePod,
    validateUpdate: validatePodUpdate,
    validateStatusUpdate: validatePodStatusUpdate,
    warnings: podWarnings,
    gracefulDelete: (object) => ({ seconds: graceSeconds(object) }),
  },
  fieldPolicies: podPolicies,
  actedUpon: podActedUpon,
  example: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'order', namespace: 'default', labels: { app: 'order' } },
    spec: { containers: [{ name: 'order', image: 'order-service:v1', ports: [{ name: 'http', containerPort: 8001 }] }] },
  },
});
