import type { Transport } from '../../apimachinery/index.ts';
import { answerError } from '../../client/index.ts';
import { nearest } from '../../formats/index.ts';
import type { ResourceRef } from '../../kinds/index.ts';
import { CliError } from '../errors.ts';

/** A kind as the server announces it. */
export interface Resource extends ResourceRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

const AGGREGATED = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

interface AggregatedList {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope: string;
        readonly singularResource?: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
        readonly verbs?: readonly string[];
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

interface LegacyResources {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly singularName?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
    readonly verbs?: readonly string[];
  }[];
}

/** Everything the server serves, preferred versions first. A group that fails is left out and does not cost the others. */
export async function discover(transport: Transport, signal: AbortSignal): Promise<readonly Resource[]> {
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await transport.request({ method: 'GET', path, headers: { accept: AGGREGATED }, signal });
    if (status >= 400) throw answerError(status, body);
    return body;
  };
  const [core, groups] = await Promise.all([get('/api'), get('/apis')]);
  return [
    ...(isAggregated(core) ? fromAggregated(core) : await legacy(get, [{ group: '', versions: ['v1'] }])),
    ...(isAggregated(groups) ? fromAggregated(groups) : await legacy(get, legacyGroups(groups))),
  ];
}

const isAggregated = (body: unknown): body is AggregatedList =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'APIGroupDiscoveryList';

const fromAggregated = (list: AggregatedList): readonly Resource[] =>
  (list.items ?? []).flatMap((group) =>
    (group.versions ?? []).flatMap(({ version, resources }) =>
      (resources ?? []).map((one) => ({
        group: group.metadata?.name ?? '',
        version,
        kind: one.responseKind?.kind ?? '',
        plural: one.resource,
        namespaced: one.scope === 'Namespaced',
        singular: one.singularResource ?? '',
        shortNames: one.shortNames ?? [],
        categories: one.categories ?? [],
        verbs: one.verbs ?? [],
        subresources: (one.subresources ?? []).map(({ subresource }) => subresource),
      })),
    ),
  );

interface Group {
  readonly group: string;
  readonly versions: readonly string[];
}

function legacyGroups(body: unknown): readonly Group[] {
  const groups = (body as { readonly groups?: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[] }).groups ?? [];
  return groups.map(({ name, versions }) => ({ group: name, versions: versions.map(({ version }) => version) }));
}

async function legacy(get: (path: string) => Promise<unknown>, groups: readonly Group[]): Promise<readonly Resource[]> {
  const pages = groups.flatMap(({ group, versions }) => versions.map((version) => ({ group, version })));
  const lists = await Promise.all(
    pages.map(async ({ group, version }) => {
      const list = (await get(group ? `/apis/${group}/${version}` : `/api/${version}`).catch(() => ({}))) as LegacyResources;
      const all = list.resources ?? [];
      return all
        .filter(({ name }) => !name.includes('/'))
        .map((one) => ({
          group,
          version,
          kind: one.kind,
          plural: one.name,
          namespaced: one.namespaced,
          singular: one.singularName ?? '',
          shortNames: one.shortNames ?? [],
          categories: one.categories ?? [],
          verbs: one.verbs ?? [],
          subresources: all.filter(({ name }) => name.startsWith(`${one.name}/`)).map(({ name }) => name.slice(one.name.length + 1)),
        }));
    }),
  );
  return lists.flat();
}

/** The kind that a word means: pods, pod, po, Pod, deployments.apps, deployments.v1.apps. */
export function findResource(word: string, resources: readonly Resource[]): Resource | undefined {
  const [name = '', ...rest] = word.toLowerCase().split('.');
  const qualifier = rest.join('.');
  const named = (one: Resource): boolean => [one.plural, one.singular, one.kind.toLowerCase(), ...one.shortNames].includes(name);
  const grouped = (one: Resource): boolean =>
    qualifier === '' || one.group === qualifier || `${one.version}.${one.group}` === qualifier || one.group.startsWith(`${qualifier}.`);
  return resources.find((one) => named(one) && grouped(one));
}

/** The same, with kubectl's message and a suggestion when there is none. */
export function requireResource(word: string, resources: readonly Resource[]): Resource {
  const found = findResource(word, resources);
  if (found) return found;
  const near = nearest(
    word.toLowerCase(),
    resources.flatMap(({ plural, singular }) => [plural, singular]),
  );
  throw new CliError(`the server doesn't have a resource type "${word}"`, near ? { hint: `did you mean ${near}?` } : {});
}

/** The kind of an object, by its apiVersion and kind. */
export function resourceOf(object: { readonly apiVersion: string; readonly kind: string }, resources: readonly Resource[]): Resource | undefined {
  const [group, version] = object.apiVersion.includes('/') ? (object.apiVersion.split('/') as [string, string]) : ['', object.apiVersion];
  return resources.find((one) => one.group === group && one.version === version && one.kind === object.kind);
}

/** `pod/web`, `deployment.apps/web`: how kubectl names an object in its messages. */
export const objectTitle = (resource: ResourceRef & { readonly singular?: string }, name: string): string =>
  `${(resource.singular || resource.kind).toLowerCase()}${resource.group ? `.${resource.group}` : ''}/${name}`;
