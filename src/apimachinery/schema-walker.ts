import { goType, shortName, zeroOf } from './go-types.ts';
import { isEmptyMap, isList, isMap, setField } from './json-value.ts';
import type { Definitions, ObjectSchema, Schema, StringSchema } from './schema.ts';
import { jsonTypeName, readFormat } from './schema-formats.ts';

/** What checkSchema found. */
export interface SchemaCheck {
  /** What cannot be decoded, in Go's words and document order; kube-apiserver answers with the first. */
  readonly errors: readonly string[];
  /** Paths of fields that the schema does not have, for instance spec.containers[0].foo. */
  readonly unknown: readonly string[];
  /**
   * The value without unknown fields, nulls, and empty lists and maps that need not be there, with canonical quantities and times. It is the very
   * object that was given when nothing had to change.
   */
  readonly value: unknown;
}

export interface SchemaCheckOptions {
  /** Leaves unknown fields in the value (they are reported all the same). Default: they are pruned. */
  readonly unknownFields?: 'keep' | 'prune';
}

class Walker {
  readonly errors: string[] = [];
  readonly unknown: string[] = [];
  readonly #definitions: Definitions;
  readonly #prune: boolean;
  /** Where the walk is: fields, map keys and list indexes. */
  readonly #path: (string | number)[] = [];
  /** Only the struct fields on the way, and the struct that has the last of them: what Go's errors are made of. */
  readonly #fields: string[] = [];
  readonly #structs: string[] = [];

  constructor(definitions: Definitions, prune: boolean) {
    this.#definitions = definitions;
    this.#prune = prune;
  }

  walk(schema: Schema, value: unknown): unknown {
    switch (schema.type) {
      case 'string':
        return schema.format === undefined && typeof value === 'string' ? value : this.#string(schema, value);
      case 'integer':
        return this.#integer(schema, value);
      case 'number':
        return typeof value === 'number' ? value : this.#mismatch(schema, value);
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#mismatch(schema, value);
      case 'array':
        return this.#list(schema, schema.items, value);
      case 'map':
        return this.#map(schema, schema.values, value);
      case 'object':
        return this.object(schema, 'Object', value);
      case 'ref': {
        const target = this.#definitions[schema.ref];
        if (!target) throw new Error(`schema: ${schema.ref} is not defined`);
        return isMap(value) ? this.object(target, shortName(schema.ref), value) : this.#mismatch(schema, value);
      }
      case 'any':
        return value;
    }
  }

  object(schema: ObjectSchema, struct: string, value: unknown): unknown {
    if (!isMap(value)) {
      this.errors.push(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type v1.${struct}`);
      return value;
    }
    let changed: { [field: string]: unknown } | undefined;
    this.#structs.push(struct);
    for (const field in value) {
      const given = value[field];
      const property = Object.hasOwn(schema.properties, field) ? schema.properties[field] : undefined;
      if (property === undefined) {
        this.unknown.push(this.#at(field));
        if (this.#prune) {
          changed ??= { ...value };
          delete changed[field];
        }
        continue;
      }
      const next = given === null || given === undefined ? undefined : this.#field(property, field, given);
      if (next === given) {
        if (!isDroppable(property, next) || schema.required?.includes(field)) continue;
      } else if (next !== undefined && (!isDroppable(property, next) || schema.required?.includes(field))) {
        changed ??= { ...value };
        changed[field] = next;
        continue;
      }
      changed ??= { ...value };
      delete changed[field];
    }
    this.#structs.pop();
    return changed ?? value;
  }

  #field(property: Schema, field: string, given: unknown): unknown {
    this.#path.push(field);
    this.#fields.push(field);
    const next = this.walk(property, given);
    this.#path.pop();
    this.#fields.pop();
    return next;
  }

  #list(schema: Schema, items: Schema, value: unknown): unknown {
    if (!isList(value)) return this.#mismatch(schema, value);
    let changed: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const given = value[index];
      this.#path.push(index);
      const next = given === null ? zeroOf(items) : this.walk(items, given);
      this.#path.pop();
      if (next === given) continue;
      changed ??= [...value];
      changed[index] = next;
    }
    return changed ?? value;
  }

  #map(schema: Schema, values: Schema, value: unknown): unknown {
    if (!isMap(value)) return this.#mismatch(schema, value);
    let changed: { [field: string]: unknown } | undefined;
    for (const key in value) {
      const given = value[key];
      this.#path.push(key);
      const next = given === null ? zeroOf(values) : this.walk(values, given);
      this.#path.pop();
      if (next === given) continue;
      changed ??= { ...value };
      setField(changed, key, next);
    }
    return changed ?? value;
  }

  #string(schema: StringSchema, value: unknown): unknown {
    const read = readFormat(schema.format, value);
    if (read === undefined) return this.#mismatch(schema, value);
    if ('value' in read) return read.value;
    this.errors.push(read.error);
    return value;
  }

  #integer(schema: Schema, value: unknown): unknown {
    if (typeof value !== 'number') return this.#mismatch(schema, value);
    const fits = Number.isInteger(value) && (goType(schema) !== 'int32' || (value >= -2_147_483_648 && value <= 2_147_483_647));
    return fits ? value : this.#mismatch(schema, value, `number ${value}`);
  }

  #mismatch(schema: Schema, value: unknown, shown = jsonTypeName(value)): unknown {
    const struct = this.#structs.at(-1);
    const target = this.#fields.length > 0 ? `Go struct field ${struct}.${this.#fields.join('.')} of type` : 'Go value of type';
    this.errors.push(`json: cannot unmarshal ${shown} into ${target} ${goType(schema)}`);
    return value;
  }

  #at(field: string): string {
    let text = '';
    for (const part of this.#path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`;
    return text === '' ? field : `${text}.${field}`;
  }
}

/** Lists and maps without content: Go's omitempty leaves them out. Empty structs stay (emptyDir: {} says something). */
const isDroppable = (schema: Schema, value: unknown): boolean =>
  (schema.type === 'array' && isList(value) && value.length === 0) || (schema.type === 'map' && isMap(value) && isEmptyMap(value));

/** Reads a value by a definition as kube-apiserver decodes it. Pure; allocates nothing that is not changed. */
export function checkSchema(definitions: Definitions, name: string, value: unknown, options: SchemaCheckOptions = {}): SchemaCheck {
  const schema = definitions[name];
  if (!schema) throw new Error(`schema: ${name} is not defined`);
  const walker = new Walker(definitions, options.unknownFields !== 'keep');
  const checked = walker.object(schema, shortName(name), value);
  return { errors: walker.errors, unknown: walker.unknown, value: checked };
}

/** Follows references to what a schema stands for. */
export function resolveSchema(definitions: Definitions, schema: Schema): Exclude<Schema, { readonly type: 'ref' }> {
  if (schema.type !== 'ref') return schema;
  const target = definitions[schema.ref];
  if (!target) throw new Error(`schema: ${schema.ref} is not defined`);
  return target;
}
