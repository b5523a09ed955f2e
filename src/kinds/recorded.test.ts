import { expect, it } from 'vitest';
import { apiVersionOf } from './define-kind.ts';
import { KINDS, kindByResource } from './index.ts';

/**
 * What a real API server announced and printed for these kinds: group and version, plural, kind, namespaced, short names, categories, verbs, and
 * the columns of its tables, with `(1)` after those of `-o wide` and the type of those that are not strings.
 */
const RECORDED: readonly (readonly [string, string, string, boolean, string, string, string, string])[] = [
  ['v1', 'configmaps', 'ConfigMap', true, 'cm', '', 'create,delete,deletecollection,get,list,patch,update,watch', 'Name, Data, Age'],
  ['v1', 'endpoints', 'Endpoints', true, 'ep', '', 'create,delete,deletecollection,get,list,patch,update,watch', 'Name, Endpoints, Age'],
  [
    'v1',
    'events',
    'Event',
    true,
    'ev',
    '',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Last Seen, Type, Reason, Object, Subobject(1), Source(1), Message, First Seen(1), Count(1), Name(1)',
  ],
  ['v1', 'namespaces', 'Namespace', false, 'ns', '', 'create,delete,get,list,patch,update,watch', 'Name, Status, Age'],
  [
    'v1',
    'nodes',
    'Node',
    false,
    'no',
    '',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, Status, Roles, Age, Version, Internal-IP(1), External-IP(1), OS-Image(1), Kernel-Version(1), Container-Runtime(1)',
  ],
  [
    'v1',
    'pods',
    'Pod',
    true,
    'po',
    'all',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, Ready, Status, Restarts, Age, IP(1), Node(1), Nominated Node(1), Readiness Gates(1)',
  ],
  ['v1', 'secrets', 'Secret', true, '', '', 'create,delete,deletecollection,get,list,patch,update,watch', 'Name, Type, Data, Age'],
  ['v1', 'serviceaccounts', 'ServiceAccount', true, 'sa', '', 'create,delete,deletecollection,get,list,patch,update,watch', 'Name, Age'],
  [
    'v1',
    'services',
    'Service',
    true,
    'svc',
    'all',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector(1)',
  ],
  [
    'apps/v1',
    'deployments',
    'Deployment',
    true,
    'deploy',
    'all',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, Ready, Up-to-date, Available, Age, Containers(1), Images(1), Selector(1)',
  ],
  [
    'apps/v1',
    'replicasets',
    'ReplicaSet',
    true,
    'rs',
    'all',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, Desired:integer, Current:integer, Ready:integer, Age, Containers(1), Images(1), Selector(1)',
  ],
  [
    'events.k8s.io/v1',
    'events',
    'Event',
    true,
    'ev',
    '',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Last Seen, Type, Reason, Object, Subobject(1), Source(1), Message, First Seen(1), Count(1), Name(1)',
  ],
  ['coordination.k8s.io/v1', 'leases', 'Lease', true, '', '', 'create,delete,deletecollection,get,list,patch,update,watch', 'Name, Holder, Age'],
  [
    'discovery.k8s.io/v1',
    'endpointslices',
    'EndpointSlice',
    true,
    '',
    '',
    'create,delete,deletecollection,get,list,patch,update,watch',
    'Name, AddressType, Ports, Endpoints, Age',
  ],
];

it('names, verbs and columns are those that a real server announces', () => {
  const ours = KINDS.map((kind) => [
    apiVersionOf(kind),
    kind.plural,
    kind.kind,
    kind.namespaced,
    kind.shortNames.join(','),
    kind.categories.join(','),
    kind.verbs.join(','),
    kind.columns.map(({ name, type, priority }) => `${name}${type && type !== 'string' ? `:${type}` : ''}${priority ? `(${priority})` : ''}`).join(', '),
  ]);
  const byName = (rows: readonly (readonly unknown[])[]) => Object.fromEntries(rows.map((row) => [row.slice(0, 2).join('/'), row]));
  expect(byName(ours)).toEqual(byName(RECORDED));
});

it('subresources have the kinds and verbs that a real server announces', () => {
  const said = (group: string, plural: string) =>
    kindByResource(group, 'v1', plural)?.subresources.map((one) => `${one.name}[${one.verbs.join(',')} ${one.kind}]`);
  expect(said('', 'pods')).toEqual(['binding[create Binding]', 'exec[create,get PodExecOptions]', 'log[get Pod]', 'status[get,patch,update Pod]']);
  expect(said('', 'namespaces')).toEqual(['finalize[update Namespace]', 'status[get,patch,update Namespace]']);
  expect(said('apps', 'deployments')).toEqual(['scale[get,patch,update Scale]', 'status[get,patch,update Deployment]']);
});
