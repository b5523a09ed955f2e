import type { Column } from '../../../define-kind.ts';
import type { Node } from '../../../schema/types.ts';
import { ageColumn, nameColumn, orNone } from '../../../table/columns.ts';

function status(object: Node): string {
  const ready = object.status?.conditions?.find((condition) => condition.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (object.spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function roles(object: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(object.metadata?.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return orNone([...found].sort().join(','));
}

const address = (object: Node, type: string): string => orNone(object.status?.addresses?.find((one) => one.type === type)?.address);

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  { name: 'Status', description: 'Whether the node takes pods.', cell: status },
  { name: 'Roles', description: 'Roles from its node-role.kubernetes.io/ labels.', cell: roles },
  ageColumn,
  { name: 'Version', description: 'Version of its node agent.', cell: (object) => object.status?.nodeInfo?.kubeletVersion ?? '' },
  { name: 'Internal-IP', priority: 1, description: 'Its address inside.', cell: (object) => address(object, 'InternalIP') },
  { name: 'External-IP', priority: 1, description: 'Its address outside.', cell: (object) => address(object, 'ExternalIP') },
  { name: 'OS-Image', priority: 1, description: 'Its operating system.', cell: (object) => object.status?.nodeInfo?.osImage || '<unknown>' },
  { name: 'Kernel-Version', priority: 1, description: 'Its kernel.', cell: (object) => object.status?.nodeInfo?.kernelVersion || '<unknown>' },
  {
    name: 'Container-Runtime',
    priority: 1,
    description: 'What runs its pods.',
    cell: (object) => object.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
  },
];
