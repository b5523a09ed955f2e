import { alter, fill, mapSame } from '../../../defaults/immutable.ts';
import { ALL_VERBS, defineKind } from '../../../define-kind.ts';
import type { Endpoints } from '../../../schema/types.ts';
import { ageColumn, nameColumn } from '../../../table/columns.ts';
import { endpointsPolicies } from './policies.ts';
import { validateEndpoints, validateEndpointsUpdate } from './validate.ts';

const SHOWN = 3;

/** Ready addresses with their ports, the first three and a count of the rest. */
function endpointsText(object: Endpoints): string {
  const all = (object.subsets ?? []).flatMap((subset) => {
    const ready = (subset.addresses ?? []).map((address) => address.ip ?? '');
    const ports = subset.ports ?? [];
    if (ports.length === 0) return ready;
    return ports.flatMap((port) => ready.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port.port ?? 0}`));
  });
  if (all.length === 0) return '<none>';
  const rest = all.length > SHOWN ? ` + ${all.length - SHOWN} more...` : '';
  return all.slice(0, SHOWN).join(',') + rest;
}

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: 'io.k8s.api.core.v1.Endpoints',
  subresources: [],
  columns: [nameColumn, { name: 'Endpoints', description: 'Addresses and ports that are ready.', cell: endpointsText }, ageColumn],
  selectableFields: {},
  strategy: {
    defaults: (object) =>
      alter(object, 'subsets', (subsets) =>
        mapSame(subsets, (subset) => alter(subset, 'ports', (ports) => mapSame(ports, (port) => fill(port, { protocol: 'TCP' })))),
      ),
    validate: validateEndpoints,
    validateUpdate: validateEndpointsUpdate,
  },
  fieldPolicies: endpointsPolicies,
  actedUpon: [{ room: 'controllers', fields: ['subsets'] }],
  example: {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'database', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '10.0.0.9' }], ports: [{ name: 'postgres', port: 5432, protocol: 'TCP' }] }],
  },
});
