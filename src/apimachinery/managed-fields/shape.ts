import type { ArraySchema, Definitions, Schema } from '../schema.ts';
import { resolveSchema } from '../schema-walker.ts';
import { keyElement, valueElement } from './field-path.ts';

/** How server-side apply sees a value of this schema. */
export type Shape =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'struct'; readonly field: (name: string) => Schema | undefined; readonly isMap: boolean }
  | { readonly kind: 'list'; readonly items: Schema; readonly elementOf: (item: unknown) => string };

/** Structs and lists that every object has in Go, empty or not: their coming and going says nothing, and they are never removed. */
export const ALWAYS_THERE: ReadonlySet<string> = new Set(['metadata', 'spec', 'status', 'template', 'strategy', 'containers']);

const LEAF: Shape = { kind: 'leaf' };

function listShape(schema: ArraySchema): Shape {
  if (schema.listType === 'set') return { kind: 'list', items: schema.items, elementOf: valueElement };
  const keys = schema.listMapKeys;
  return schema.listType === 'map' && keys ? { kind: 'list', items: schema.items, elementOf: (item) => keyElement(keys, item) } : LEAF;
}

/** Shapes by schema. Not state but a memory of pure results: every write asks for the same few hundred, and computing them again doubles its cost. */
const shapes = new WeakMap<Schema, Shape>();

/** Atomic lists and maps, and whatever is not known, are leaves: owned and replaced as a whole. */
export function shapeOf(definitions: Definitions, schema: Schema | undefined): Shape {
  if (schema === undefined) return LEAF;
  const resolved = resolveSchema(definitions, schema);
  const known = shapes.get(resolved);
  if (known) return known;
  const shape = computeShape(resolved);
  shapes.set(resolved, shape);
  return shape;
}

function computeShape(resolved: ReturnType<typeof resolveSchema>): Shape {
  switch (resolved.type) {
    case 'array':
      return listShape(resolved);
    case 'map':
      return resolved.mapType === 'atomic' ? LEAF : { kind: 'struct', field: () => resolved.values, isMap: true };
    case 'object': {
      const { properties, mapType } = resolved;
      return mapType === 'atomic' ? LEAF : { kind: 'struct', field: (name) => (Object.hasOwn(properties, name) ? properties[name] : undefined), isMap: false };
    }
    case 'any':
    case 'boolean':
    case 'integer':
    case 'number':
    case 'string':
      return LEAF;
  }
}

/** Items of a list by element, in order. Items that share an element (an invalid list, but it must not be lost) are kept together. */
export function groupItems(list: readonly unknown[], elementOf: (item: unknown) => string): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of list) {
    const element = elementOf(item);
    const group = groups.get(element);
    if (group) group.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}
