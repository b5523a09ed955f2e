import type { Column } from '../../../define-kind.ts';
import type { Service } from '../../../schema/types.ts';
import { ageColumn, labelsText, nameColumn, orNone } from '../../../table/columns.ts';

function externalIP(object: Service): string {
  const spec = object.spec;
  const given = spec?.externalIPs ?? [];
  switch (spec?.type ?? '') {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(given.join(','));
    case 'LoadBalancer': {
      const ingress = (object.status?.loadBalancer?.ingress ?? []).map((one) => one.ip || one.hostname || '').filter(Boolean);
      return [...ingress, ...given].join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec?.externalName ?? '';
    default:
      return '<unknown>';
  }
}

const ports = (object: Service): string =>
  orNone((object.spec?.ports ?? []).map((port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`).join(','));

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  { name: 'Type', description: 'How the service is reached.', cell: (object) => object.spec?.type ?? '' },
  { name: 'Cluster-IP', description: 'Its address inside the cluster.', cell: (object) => orNone(object.spec?.clusterIPs?.[0] ?? object.spec?.clusterIP) },
  { name: 'External-IP', description: 'Its addresses outside.', cell: externalIP },
  { name: 'Port(s)', description: 'Its ports, with the node port after the colon.', cell: ports },
  ageColumn,
  { name: 'Selector', priority: 1, description: 'Labels of the pods that serve it.', cell: (object) => labelsText(object.spec?.selector) },
];
