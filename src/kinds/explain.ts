import type { Schema } from '../apimachinery/index.ts';
import type { AnyKind, FieldPolicy } from './define-kind.ts';
import { pathSteps } from './fields/apply-policies.ts';
import { definitions, descriptions } from './schemas.ts';

/** What `explain` says about one field. */
export interface FieldExplanation {
  readonly name: string;
  /** As kubectl writes types: string, integer, boolean, IntOrString, Quantity, Time, Container, []Container, map[string]string, Object. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
  /** What this program does about it, when that is not what Kubernetes does. */
  readonly policies: readonly FieldPolicy[];
}

export interface Explanation extends FieldExplanation {
  /** The fields below, in the schema's order; empty for a plain value. */
  readonly fields: readonly FieldExplanation[];
}

const FORMATS: { readonly [format: string]: string } = {
  'int-or-string': 'IntOrString',
  quantity: 'Quantity',
  'date-time': 'Time',
  'micro-time': 'MicroTime',
  byte: 'string',
};

/** The type as kubectl explain writes it. */
function typeText(schema: Schema): string {
  switch (schema.type) {
    case 'array':
      return `[]${typeText(schema.items)}`;
    case 'map':
      return `map[string]${typeText(schema.values)}`;
    case 'ref':
      return schema.ref.slice(schema.ref.lastIndexOf('.') + 1);
    case 'string':
      return (schema.format && FORMATS[schema.format]) ?? 'string';
    case 'object':
    case 'any':
      return 'Object';
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type;
  }
}

/** The definition that a field holds, through lists and maps. */
function definitionOf(schema: Schema): string | undefined {
  switch (schema.type) {
    case 'ref':
      return schema.ref;
    case 'array':
      return definitionOf(schema.items);
    case 'map':
      return definitionOf(schema.values);
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'object':
    case 'any':
      return undefined;
  }
}

const named = (steps: readonly string[]): string => steps.filter((step) => step !== '*').join('.');

/** Explains a kind (empty path) or a field such as `spec.containers.env`. Undefined when there is no such field. */
export async function explain(kind: AnyKind, path: string): Promise<Explanation | undefined> {
  const [all, texts] = await Promise.all([definitions(), descriptions()]);
  const policiesAt = (field: string): readonly FieldPolicy[] => kind.fieldPolicies.filter((policy) => named(pathSteps(policy.path)) === field);
  let definition: string | undefined = kind.schema;
  let self: FieldExplanation = { name: kind.kind, type: kind.kind, required: true, description: texts[kind.schema]?.[''] ?? '', policies: [] };
  let at = '';
  for (const name of path === '' ? [] : path.split('.')) {
    const owner: string | undefined = definition;
    const schema = owner === undefined ? undefined : all[owner];
    const field = schema?.properties[name];
    if (owner === undefined || !schema || !field) return undefined;
    at = at === '' ? name : `${at}.${name}`;
    self = {
      name,
      type: typeText(field),
      required: schema.required?.includes(name) ?? false,
      description: texts[owner]?.[name] ?? '',
      policies: policiesAt(at),
    };
    definition = definitionOf(field);
  }
  const inner = definition === undefined ? undefined : all[definition];
  const owner = definition ?? '';
  const fields = Object.entries(inner?.properties ?? {}).map(
    ([name, field]): FieldExplanation => ({
      name,
      type: typeText(field),
      required: inner?.required?.includes(name) ?? false,
      description: texts[owner]?.[name] ?? '',
      policies: policiesAt(at === '' ? name : `${at}.${name}`),
    }),
  );
  return { ...self, fields };
}
