import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Service } from '../../../schema/types.ts';
import { statusSubresource } from '../../../subresources.ts';
import { serviceColumns } from './columns.ts';
import { serviceDefaults } from './defaults.ts';
import { servicePolicies } from './policies.ts';
import { prepareServiceUpdate } from './prepare.ts';
import { validateService, validateServiceUpdate } from './validate.ts';

export const service = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Service',
  subresources: [statusSubresource('Service')],
  columns: serviceColumns,
  selectableFields: { 'spec.clusterIP': (object) => object.spec?.clusterIP ?? '', 'spec.type': (object) => object.spec?.type ?? '' },
  strategy: {
    nameRule: 'dns-1035-label',
    defaults: serviceDefaults,
    prepareForCreate: (object) => ({ ...object, status: { loadBalancer: {} } }),
    prepareForUpdate: prepareServiceUpdate,
    validate: validateService,
    validateUpdate: validateServiceUpdate,
  },
  fieldPolicies: servicePolicies,
  actedUpon: [
    {
      room: 'network',
      fields: [
        'spec.externalName',
        'spec.ports[*].name',
        'spec.ports[*].nodePort',
        'spec.ports[*].port',
        'spec.ports[*].protocol',
        'spec.sessionAffinity',
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        'spec.type',
      ],
    },
    { room: 'controllers', fields: ['spec.publishNotReadyAddresses', 'spec.selector', 'spec.ports[*].targetPort', 'spec.ports[*].appProtocol'] },
    { room: 'apiserver', fields: ['spec.allocateLoadBalancerNodePorts', 'spec.clusterIP', 'spec.clusterIPs'] },
    { room: 'clients', fields: ['status'] },
  ],
  example: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'order', namespace: 'default' },
    spec: { type: 'ClusterIP', selector: { app: 'order' }, ports: [{ name: 'http', port: 80, targetPort: 8001 }] },
  },
});
