import type { Definitions, ObjectSchema } from '../apimachinery/index.ts';
import type { AnyKind } from './define-kind.ts';

/** Descriptions by definition and field; the empty field name is the definition itself. */
export interface Descriptions {
  readonly [definition: string]: { readonly [field: string]: string };
}

/** Schemas of every kind and everything they refer to. Loaded when first asked for: the command line must not pay for it at every start. */
export async function definitions(): Promise<Definitions> {
  const file = await import('./schema/definitions.json', { with: { type: 'json' } });
  // JSON has no literal types; the generator writes exactly this shape and the kinds' suite walks it.
  return file.default.definitions as unknown as Definitions;
}

/** Documentation of every definition and field. Loaded when first asked for. */
export async function descriptions(): Promise<Descriptions> {
  const file = await import('./schema/descriptions.json', { with: { type: 'json' } });
  return file.default as unknown as Descriptions;
}

/** The schema of a kind. Throws when the generated schemas do not have it. */
export async function schemaFor(kind: AnyKind): Promise<ObjectSchema> {
  const schema = (await definitions())[kind.schema];
  if (!schema) throw new Error(`kind ${kind.kind} names the schema ${kind.schema}, which is not generated: add it to ROOTS in scripts/schema-facts.mjs`);
  return schema;
}
