import type { Definitions } from '../../apimachinery/index.ts';
import type { Descriptions } from '../../kinds/index.ts';
import type { ServedResource, ServedVersion } from '../discovery/groups.ts';
import { listDefinition, type Operation, operationsOf, PATCH_BODY } from './operations.ts';
import { publishedDefinition, reachable, STYLE_V3 } from './schemas.ts';

const BODY_TYPES = ['application/json', 'application/yaml'];
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'];

/** The OpenAPI 3 document of one group and version. */
export function documentV3(group: string, version: ServedVersion, definitions: Definitions, texts: Descriptions): object {
  const operations = version.resources.flatMap(operationsOf);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: pathsOf(operations, group),
    components: { schemas: schemasOf(version.resources, operations, definitions, texts) },
  };
}

function pathsOf(operations: readonly Operation[], group: string): object {
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const operation of operations) {
    paths[operation.path] ??=
      operation.pathParameters.length > 0
        ? { parameters: operation.pathParameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } })) }
        : {};
    paths[operation.path]![operation.method] = operationV3(operation, group);
  }
  return paths;
}

function operationV3(operation: Operation, group: string): object {
  const content = (definition: string, types: readonly string[]) => Object.fromEntries(types.map((type) => [type, { schema: STYLE_V3.ref(definition) }]));
  const ok = { description: 'OK', content: operation.answer ? content(operation.answer, BODY_TYPES) : { 'text/plain': { schema: { type: 'string' } } } };
  return {
    tags: [operation.tag],
    operationId: operation.id,
    parameters: operation.parameters.map(({ name, type, description }) => ({ name, in: 'query', description, schema: { type, uniqueItems: true } })),
    ...(operation.body
      ? { requestBody: { content: content(operation.body, operation.method === 'patch' ? PATCH_TYPES : operation.method === 'delete' ? BODY_TYPES : ['*/*']) } }
      : {}),
    responses: {
      '200': ok,
      ...(operation.action === 'post' || operation.action === 'patch' || operation.action === 'put' ? { '201': { ...ok, description: 'Created' } } : {}),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': { ...operation.kind, group: operation.kind.group || group },
  };
}

function schemasOf(resources: readonly ServedResource[], operations: readonly Operation[], definitions: Definitions, texts: Descriptions): object {
  const lists = new Map(resources.filter(({ verbs }) => verbs.includes('list')).map((resource) => [listDefinition(resource), resource]));
  const named = operations.flatMap(({ body, answer }) => [body, answer]).filter((name): name is string => name !== undefined && name in definitions);
  const kinds = kindsBySchema(resources, operations);
  const schemas: { [name: string]: object } = {};
  for (const name of [...reachable([...named, LIST_META], definitions)].sort()) {
    const gvk = kinds.get(name);
    schemas[name] = { ...publishedDefinition(name, definitions, texts, STYLE_V3), ...(gvk ? { 'x-kubernetes-group-version-kind': [gvk] } : {}) };
  }
  for (const [name, resource] of lists) schemas[name] = listSchema(resource);
  schemas[PATCH_BODY] = { description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.', type: 'object' };
  return schemas;
}

const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

type GroupVersionKind = Operation['kind'];

/** Which definition is which kind: clients look their objects up by it. */
function kindsBySchema(resources: readonly ServedResource[], operations: readonly Operation[]): ReadonlyMap<string, GroupVersionKind> {
  const kinds = new Map<string, GroupVersionKind>();
  for (const { body, kind } of operations) if (body && body !== PATCH_BODY && body.endsWith(`.${kind.kind}`)) kinds.set(body, kind);
  for (const { schema, group, version, kind } of resources) kinds.set(schema, { group, version, kind });
  return kinds;
}

/** A kind's list, whose definition follows from the kind's. */
function listSchema(resource: ServedResource): object {
  const { group, version, kind } = resource;
  return {
    description: `${kind}List is a list of ${kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: STYLE_V3.ref(resource.schema) },
      kind: { type: 'string' },
      metadata: STYLE_V3.ref(LIST_META),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: `${kind}List` }],
  };
}
