import type { AnyKind } from '../../kinds/index.ts';
import { apiVersionOf, type Subresource } from '../../kinds/index.ts';

/** What discovery says of one resource. Kinds and reviews alike become these. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Definition name of its schema. */
  readonly schema: string;
}

export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

export interface ServedGroup {
  readonly group: string;
  /** Preferred first. */
  readonly versions: readonly ServedVersion[];
}

/** Groups in the order in which Kubernetes ranks them: core, apps, events, then by name. */
const RANK = ['', 'apps', 'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io'];

const rank = (group: string): number => {
  const at = RANK.indexOf(group);
  return at === -1 ? RANK.length : at;
};

/** Everything that is served, by group and version. */
export function servedGroups(resources: readonly ServedResource[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, ServedResource[]>>();
  for (const resource of resources) {
    const versions = groups.get(resource.group) ?? new Map<string, ServedResource[]>();
    groups.set(resource.group, versions);
    versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]);
  }
  return [...groups]
    .map(([group, versions]) => ({
      group,
      versions: [...versions].map(([version, all]) => ({ version, resources: [...all].sort((a, b) => (a.plural < b.plural ? -1 : 1)) })),
    }))
    .sort((a, b) => rank(a.group) - rank(b.group) || (a.group < b.group ? -1 : 1));
}

export const servedKind = (kind: AnyKind): ServedResource => kind;

/** The group, version and kind that a subresource's body has. */
export const subresourceKind = (parent: ServedResource, sub: Subresource): { readonly group: string; readonly version: string; readonly kind: string } => ({
  group: sub.group ?? parent.group,
  version: sub.version ?? parent.version,
  kind: sub.kind,
});

export const groupVersion = (group: string, version: string): string => apiVersionOf({ group, version });
