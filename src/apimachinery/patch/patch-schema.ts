import { isList } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { resolveSchema } from '../schema-walker.ts';

/** What strategic merge patches need to know about one field. */
export interface PatchField {
  /** Undefined when nothing is known about the field: maps merge, lists are replaced. */
  readonly schema: Schema | undefined;
  readonly replaces: boolean;
  readonly retainsKeys: boolean;
  /** The list's elements merge instead of being replaced as a whole. */
  readonly mergesList: boolean;
  /** The field by which a merging list of objects knows its elements; undefined for lists of primitives. */
  readonly mergeKey: string | undefined;
}

const UNKNOWN: PatchField = { schema: undefined, replaces: false, retainsKeys: false, mergesList: false, mergeKey: undefined };

/** The facts of a field of an object, or of a key of a map. */
export function patchField(definitions: Definitions, parent: Schema | undefined, field: string): PatchField {
  if (!parent) return UNKNOWN;
  const resolved = resolveSchema(definitions, parent);
  const schema =
    resolved.type === 'map'
      ? resolved.values
      : resolved.type === 'object' && Object.hasOwn(resolved.properties, field)
        ? resolved.properties[field]
        : undefined;
  if (!schema) return UNKNOWN;
  const strategies = schema.patchStrategy?.split(',') ?? [];
  return {
    schema,
    replaces: strategies.includes('replace'),
    retainsKeys: strategies.includes('retainKeys'),
    mergesList: schema.type === 'array' && strategies.includes('merge'),
    mergeKey: schema.patchMergeKey,
  };
}

/** The schema of a list's elements. */
export const elementSchema = (schema: Schema | undefined): Schema | undefined => (schema?.type === 'array' ? schema.items : undefined);

export const asList = (value: unknown): readonly unknown[] => (isList(value) ? value : []);
