import { groupVersion, type ServedGroup, type ServedResource, type ServedVersion, subresourceKind } from './groups.ts';

/** /api */
export const coreVersions = (groups: readonly ServedGroup[], serverAddress: string): object => ({
  kind: 'APIVersions',
  versions: groups.find(({ group }) => group === '')?.versions.map(({ version }) => version) ?? [],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** /apis */
export const groupList = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ group }) => group !== '').map(groupEntry),
});

/** /apis/{group} */
export const groupDocument = (group: ServedGroup): object => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) });

function groupEntry({ group, versions }: ServedGroup): object {
  const all = versions.map(({ version }) => ({ groupVersion: groupVersion(group, version), version }));
  return { name: group, versions: all, preferredVersion: all[0] };
}

/** /api/v1 and /apis/{group}/{version} */
export const resourceList = (group: string, { version, resources }: ServedVersion): object => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: groupVersion(group, version),
  resources: resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: resource.verbs,
      ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    },
    ...resource.subresources.map((sub) => ({
      name: `${resource.plural}/${sub.name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(sub.group === undefined ? {} : { group: sub.group }),
      ...(sub.version === undefined ? {} : { version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]),
});

/** /api and /apis in one answer with all resources, as newer clients ask for it. */
export const aggregated = (groups: readonly ServedGroup[], core: boolean, version: 'v2' | 'v2beta1'): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups
    .filter(({ group }) => (group === '') === core)
    .map(({ group, versions }) => ({
      metadata: { ...(group ? { name: group } : {}), creationTimestamp: null },
      versions: versions.map((one) => ({
        version: one.version,
        resources: one.resources.map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
});

const aggregatedResource = (resource: ServedResource): object => ({
  resource: resource.plural,
  responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
  scope: resource.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: resource.singular,
  verbs: resource.verbs,
  ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
  ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
  ...(resource.subresources.length > 0
    ? { subresources: resource.subresources.map((sub) => ({ subresource: sub.name, responseKind: subresourceKind(resource, sub), verbs: sub.verbs })) }
    : {}),
});
