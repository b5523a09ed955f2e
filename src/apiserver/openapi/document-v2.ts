import type { Definitions } from '../../apimachinery/index.ts';
import type { Descriptions } from '../../kinds/index.ts';
import type { ServedGroup } from '../discovery/groups.ts';
import { type Operation, operationsOf, PATCH_BODY } from './operations.ts';
import { publishedDefinition, reachable, STYLE_V2 } from './schemas.ts';

/** The OpenAPI 2 document of everything: what clients before 1.27 read. */
export function documentV2(groups: readonly ServedGroup[], definitions: Definitions, texts: Descriptions): object {
  const resources = groups.flatMap(({ versions }) => versions.flatMap((version) => version.resources));
  const operations = resources.flatMap(operationsOf);
  const kinds = new Map(resources.map(({ schema, group, version, kind }) => [schema, { group, version, kind }]));
  const named = operations.flatMap(({ body, answer }) => [body, answer]).filter((name): name is string => name !== undefined && name in definitions);
  const all: { [name: string]: object } = {};
  for (const name of [...reachable(named, definitions)].sort()) {
    const gvk = kinds.get(name);
    all[name] = { ...publishedDefinition(name, definitions, texts, STYLE_V2), ...(gvk ? { 'x-kubernetes-group-version-kind': [gvk] } : {}) };
  }
  all[PATCH_BODY] = { type: 'object' };
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const operation of operations) {
    paths[operation.path] ??=
      operation.pathParameters.length > 0
        ? { parameters: operation.pathParameters.map((name) => ({ name, in: 'path', required: true, type: 'string', uniqueItems: true })) }
        : {};
    paths[operation.path]![operation.method] = operationV2(operation, all);
  }
  return { swagger: '2.0', info: { title: 'Kubernetes', version: 'unversioned' }, paths, definitions: all };
}

function operationV2(operation: Operation, known: { readonly [name: string]: object }): object {
  const { answer, body } = operation;
  return {
    tags: [operation.tag],
    operationId: operation.id,
    consumes: ['*/*'],
    produces: answer ? ['application/json', 'application/yaml'] : ['text/plain'],
    parameters: [
      ...(body ? [{ name: 'body', in: 'body', required: operation.method !== 'delete', schema: STYLE_V2.ref(body) }] : []),
      ...operation.parameters.map(({ name, type, description }) => ({ name, in: 'query', type, description, uniqueItems: true })),
    ],
    responses: {
      '200': { description: 'OK', ...(answer && answer in known ? { schema: STYLE_V2.ref(answer) } : {}) },
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}
