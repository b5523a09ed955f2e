import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { EndpointSlice } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { endpointSlicePolicies } from './policies.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validate.ts';

const SHOWN = 3;

/** The first three and a count of the rest; `none` when there is nothing. */
function firstFew(all: readonly string[], none: string): string {
  if (all.length === 0) return none;
  return all.slice(0, SHOWN).join(',') + (all.length > SHOWN ? ` + ${all.length - SHOWN} more...` : '');
}

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  subresources: [],
  columns: [
    nameColumn,
    { name: 'AddressType', description: 'Kind of the addresses: IPv4, IPv6 or FQDN.', cell: (object) => object.addressType ?? '' },
    {
      name: 'Ports',
      description: 'Ports that every endpoint of the slice serves.',
      cell: (object) =>
        firstFew(
          (object.ports ?? []).map((port) => (port.port === undefined ? (port.name ?? '*') : String(port.port))),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      description: 'Addresses of the endpoints.',
      cell: (object) =>
        firstFew(
          (object.endpoints ?? []).flatMap((endpoint) => endpoint.addresses),
          '<unset>',
        ),
    },
    ageColumn,
  ],
  selectableFields: {},
  strategy: {
    defaults: (object) => alter(object, 'ports', (ports) => mapSame(ports, (port) => fill(port, { name: '', protocol: 'TCP' }))),
    validate: validateEndpointSlice,
    validateUpdate: validateEndpointSliceUpdate,
    generation: true,
  },
  fieldPolicies: endpointSlicePolicies,
  actedUpon: [
    {
      room: 'network',
      fields: [
        'addressType',
        'endpoints[*].addresses',
        'endpoints[*].conditions',
        'endpoints[*].hostname',
        'ports[*].name',
        'ports[*].port',
        'ports[*].protocol',
      ],
    },
    { room: 'clients', fields: ['endpoints[*].nodeName', 'endpoints[*].targetRef', 'ports[*].appProtocol'] },
  ],
  example: {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'database-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'database' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.9'], conditions: { ready: true } }],
    ports: [{ name: 'postgres', port: 5432, protocol: 'TCP' }],
  },
});
