import type { Definitions, ObjectSchema, Schema } from '../../apimachinery/index.ts';
import type { Descriptions } from '../../kinds/index.ts';

/** A schema in the published form. `refs` is how one definition names another: they differ between the two versions of OpenAPI. */
export interface SchemaStyle {
  readonly ref: (definition: string) => object;
  /** A reference with further facts beside it. */
  readonly withRef: (reference: object, facts: object) => object;
  readonly intOrString: object;
}

/** OpenAPI 3: facts beside a reference need allOf, and unions have their own word. */
export const STYLE_V3: SchemaStyle = {
  ref: (definition) => ({ $ref: `#/components/schemas/${definition}` }),
  withRef: (reference, facts) => (Object.keys(facts).length > 0 ? { allOf: [reference], ...facts } : reference),
  intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
};

/** OpenAPI 2. */
export const STYLE_V2: SchemaStyle = {
  ref: (definition) => ({ $ref: `#/definitions/${definition}` }),
  withRef: (reference, facts) => ({ ...facts, ...reference }),
  intOrString: { type: 'string', format: 'int-or-string' },
};

/** One definition with its fields' documentation. */
export function publishedDefinition(name: string, definitions: Definitions, texts: Descriptions, style: SchemaStyle): object {
  const schema: ObjectSchema | undefined = definitions[name];
  if (!schema) throw new Error(`openapi: definition ${name} is missing`);
  const description = texts[name] ?? {};
  return {
    ...(description[''] ? { description: description[''] } : {}),
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(schema.properties).map(([field, property]) => [field, published(property, style, description[field] ?? textOfType(property, texts))]),
    ),
    ...(schema.required && schema.required.length > 0 ? { required: schema.required } : {}),
    ...(schema.mapType ? { 'x-kubernetes-map-type': schema.mapType } : {}),
  };
}

/** A field that has no text of its own is said to be what its type is. */
const textOfType = (property: Schema, texts: Descriptions): string | undefined => (property.type === 'ref' ? texts[property.ref]?.[''] : undefined);

/** Every definition that a definition needs, itself included. */
export function reachable(roots: readonly string[], definitions: Definitions): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const property of Object.values(definitions[name]?.properties ?? {})) follow(property);
  };
  const follow = (schema: Schema): void => {
    if (schema.type === 'ref') visit(schema.ref);
    else if (schema.type === 'array') follow(schema.items);
    else if (schema.type === 'map') follow(schema.values);
  };
  for (const root of roots) visit(root);
  return seen;
}

function published(schema: Schema, style: SchemaStyle, description: string | undefined): object {
  const facts = {
    ...(description ? { description } : {}),
    ...(schema.patchStrategy ? { 'x-kubernetes-patch-strategy': schema.patchStrategy } : {}),
    ...(schema.patchMergeKey ? { 'x-kubernetes-patch-merge-key': schema.patchMergeKey } : {}),
  };
  switch (schema.type) {
    case 'ref':
      return style.withRef(style.ref(schema.ref), facts);
    case 'array':
      return {
        ...facts,
        type: 'array',
        items: published(schema.items, style, undefined),
        ...(schema.listType ? { 'x-kubernetes-list-type': schema.listType } : {}),
        ...(schema.listMapKeys ? { 'x-kubernetes-list-map-keys': schema.listMapKeys } : {}),
      };
    case 'map':
      return {
        ...facts,
        type: 'object',
        additionalProperties: published(schema.values, style, undefined),
        ...(schema.mapType ? { 'x-kubernetes-map-type': schema.mapType } : {}),
      };
    case 'string':
      return schema.format === 'int-or-string' ? { ...facts, ...style.intOrString } : { ...facts, type: 'string', ...stringFormat(schema.format) };
    case 'integer':
    case 'number':
      return { ...facts, type: schema.type, ...(schema.format ? { format: schema.format } : {}) };
    case 'boolean':
      return { ...facts, type: 'boolean' };
    case 'object':
    case 'any':
      return { ...facts, type: 'object' };
  }
}

/** Quantities are strings without a format; both kinds of time are date-times. */
function stringFormat(format: string | undefined): object {
  if (format === 'micro-time') return { format: 'date-time' };
  return format && format !== 'quantity' ? { format } : {};
}
