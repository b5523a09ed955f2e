import type { Subresource } from '../../kinds/index.ts';
import { type ServedResource, subresourceKind } from '../discovery/groups.ts';

/** One thing that can be done at one path, in neither form of OpenAPI. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Kubernetes' word for it: list, post, patch, deletecollection, connect, … */
  readonly action: string;
  readonly id: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly tag: string;
  readonly parameters: readonly Parameter[];
  /** Definition of the body; undefined without one. */
  readonly body?: string;
  /** Definition of the answer; undefined for text. */
  readonly answer?: string;
  readonly pathParameters: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

const text = (name: string, description: string): Parameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): Parameter => ({ name, type: 'boolean', description });
const whole = (name: string, description: string): Parameter => ({ name, type: 'integer', description });

const LIST: readonly Parameter[] = [
  flag('allowWatchBookmarks', 'Sends the current revision now and then while watching.'),
  text('continue', 'Where a list in pages goes on.'),
  text('fieldSelector', 'Only objects with these field values.'),
  text('labelSelector', 'Only objects with these labels.'),
  whole('limit', 'At most this many objects in one answer.'),
  text('resourceVersion', 'The revision to read at or watch from.'),
  text('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  flag('sendInitialEvents', 'Begins a watch with what there is.'),
  whole('timeoutSeconds', 'How long a watch lasts.'),
  flag('watch', 'Sends changes as they happen.'),
];
const WRITE: readonly Parameter[] = [
  text('dryRun', 'All: everything is done but storing it.'),
  text('fieldManager', 'Whose fields the written ones become.'),
  text('fieldValidation', 'What is done about unknown fields: Ignore, Warn or Strict.'),
];
const PATCH: readonly Parameter[] = [...WRITE, flag('force', 'Takes fields from other managers in a server-side apply.')];
const DELETE: readonly Parameter[] = [
  text('dryRun', 'All: everything is done but deleting it.'),
  whole('gracePeriodSeconds', 'Time to end.'),
  text('propagationPolicy', 'What happens to dependents: Orphan, Background or Foreground.'),
];
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';

/** The body of every patch: no form of its own. */
export const PATCH_BODY = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

/** The definition of a kind's list. */
export const listDefinition = ({ schema }: ServedResource): string => `${schema}List`;

const camel = (words: string): string => words.replace(/(?:^|[-./])(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Everything that can be done with one resource. */
export function operationsOf(resource: ServedResource): readonly Operation[] {
  const { group, version, kind, plural, namespaced, verbs, schema } = resource;
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const all = `${root}/${plural}`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : all;
  const tag = `${group ? group.split('.')[0] : 'core'}_${version}`;
  const scope = namespaced ? ['namespace'] : [];
  const gvk = { group, version, kind };
  const id = (verb: string, what = '') => `${verb}${camel(tag.replace('_', '.'))}${namespaced ? 'Namespaced' : ''}${kind}${what}`;
  const list = listDefinition(resource);
  const base = { kind: gvk, tag };
  const one = { ...base, path: `${collection}/{name}`, pathParameters: [...scope, 'name'] };
  const many = { ...base, path: collection, pathParameters: scope };
  const operations: Operation[] = [];
  if (verbs.includes('list')) operations.push({ ...many, method: 'get', action: 'list', id: id('list'), parameters: LIST, answer: list });
  if (verbs.includes('create')) operations.push({ ...many, method: 'post', action: 'post', id: id('create'), parameters: WRITE, body: schema, answer: schema });
  if (verbs.includes('deletecollection')) {
    const parameters = [...DELETE, ...LIST.filter(({ name }) => name.endsWith('Selector') || name === 'limit' || name === 'continue')];
    operations.push({
      ...many,
      method: 'delete',
      action: 'deletecollection',
      id: id('delete', 'Collection'),
      parameters,
      body: DELETE_OPTIONS,
      answer: STATUS,
    });
  }
  if (verbs.includes('get')) operations.push({ ...one, method: 'get', action: 'get', id: id('read'), parameters: [], answer: schema });
  if (verbs.includes('update')) operations.push({ ...one, method: 'put', action: 'put', id: id('replace'), parameters: WRITE, body: schema, answer: schema });
  if (verbs.includes('patch'))
    operations.push({ ...one, method: 'patch', action: 'patch', id: id('patch'), parameters: PATCH, body: PATCH_BODY, answer: schema });
  if (verbs.includes('delete')) {
    operations.push({ ...one, method: 'delete', action: 'delete', id: id('delete'), parameters: DELETE, body: DELETE_OPTIONS, answer: STATUS });
  }
  if (namespaced && verbs.includes('list')) {
    const everywhere = `list${camel(tag.replace('_', '.'))}${kind}ForAllNamespaces`;
    operations.push({ ...base, path: all, pathParameters: [], method: 'get', action: 'list', id: everywhere, parameters: LIST, answer: list });
  }
  return [...operations, ...resource.subresources.flatMap((sub) => subresourceOperations(resource, sub, one))];
}

const METHODS: { readonly [verb: string]: Operation['method'] } = { get: 'get', create: 'post', update: 'put', patch: 'patch' };
const ACTIONS: { readonly [verb: string]: string } = { get: 'get', create: 'post', update: 'put', patch: 'patch' };
const STREAMED = new Set(['exec', 'attach', 'portforward', 'proxy']);

function subresourceOperations(resource: ServedResource, sub: Subresource, at: Pick<Operation, 'path' | 'pathParameters' | 'tag'>): readonly Operation[] {
  const kind = subresourceKind(resource, sub);
  const schema = subresourceSchema(resource, sub);
  return sub.verbs.flatMap((verb) => {
    const method = METHODS[verb];
    if (!method) return [];
    const streamed = STREAMED.has(sub.name);
    const written = !streamed && verb !== 'get';
    return [
      {
        ...at,
        path: `${at.path}/${sub.name}`,
        method,
        action: streamed ? 'connect' : (ACTIONS[verb] ?? verb),
        id: `${streamed ? `connect${camel(method)}` : verb === 'get' ? 'read' : verb === 'update' ? 'replace' : verb}${camel(at.tag.replace('_', '.'))}${resource.namespaced ? 'Namespaced' : ''}${resource.kind}${camel(sub.name)}`,
        kind,
        parameters: written ? (verb === 'patch' ? PATCH : WRITE) : [],
        ...(written ? { body: verb === 'patch' ? PATCH_BODY : schema } : {}),
        ...(streamed || sub.name === 'log' ? {} : { answer: schema }),
      },
    ];
  });
}

/** The definition of a subresource's body: the parent's own, or that of the kind it names. */
function subresourceSchema(resource: ServedResource, sub: Subresource): string {
  if (sub.kind === resource.kind) return resource.schema;
  if (sub.group === undefined) return resource.schema.replace(/[^.]+$/, sub.kind);
  return `io.k8s.api.${sub.group === '' ? 'core' : sub.group.split('.')[0]}.${sub.version}.${sub.kind}`;
}
