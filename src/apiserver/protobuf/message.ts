import type { Definitions, ObjectSchema, Schema, StringSchema } from '../../apimachinery/index.ts';
import fieldNumbers from './field-numbers.json' with { type: 'json' };
import { isOptionalScalar } from './optional-scalars.ts';
import { readVarint, WireError, type WireField, wireFields } from './wire.ts';

type Value = { [field: string]: unknown };
type Numbers = { readonly [field: string]: number };

/** A name with this prefix is a message whose fields belong to the one around it in JSON. */
const INLINED = '~';

/** Numbers of the fields of every message of the stable groups: facts of the published protobuf form of the API. */
const NUMBERS = fieldNumbers as { readonly [message: string]: Numbers };

const shortName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

/** The generated schemas name a shared type after whoever used it first; its message is the core group's or meta's. */
function numbersOf(definition: string): Numbers {
  const short = shortName(definition);
  const found = NUMBERS[definition] ?? NUMBERS[`io.k8s.api.core.v1.${short}`] ?? NUMBERS[`io.k8s.apimachinery.pkg.apis.meta.v1.${short}`];
  if (!found) throw new WireError(`${short} has no known protobuf form`);
  return found;
}

/** One message as the object that its JSON form would give. */
export function decodeMessage(definition: string, bytes: Buffer, definitions: Definitions): Value {
  const schema = definitions[definition];
  if (!schema) throw new WireError(`${definition} is not defined`);
  const into: Value = {};
  decodeInto(into, definition, schema, bytes, definitions);
  return into;
}

function decodeInto(into: Value, message: string, schema: ObjectSchema, bytes: Buffer, definitions: Definitions): void {
  const names = new Map(Object.entries(numbersOf(message)).map(([name, number]) => [number, name]));
  for (const field of wireFields(bytes)) {
    const name = names.get(field.number);
    if (name?.startsWith(INLINED)) {
      decodeInto(into, name.slice(INLINED.length), schema, lengthDelimited(field), definitions);
      continue;
    }
    const property = name === undefined ? undefined : schema.properties[name];
    if (name === undefined || property === undefined) {
      if (isZero(field)) continue;
      throw new WireError(`field ${field.number}${name ? ` (${name})` : ''} of ${shortName(message)} is not known`);
    }
    setField(into, name, property, field, definitions);
  }
}

function setField(into: Value, name: string, schema: Schema, field: WireField, definitions: Definitions): void {
  switch (schema.type) {
    case 'array': {
      into[name] ??= [];
      const list = into[name] as unknown[];
      for (const one of repeated(schema.items, field)) list.push(decodeValue(schema.items, one, definitions));
      return;
    }
    case 'map': {
      into[name] ??= {};
      const map = into[name] as Value;
      const [key, value] = entry(field);
      Object.defineProperty(map, key, { value: mapValue(schema.values, value, definitions), enumerable: true, configurable: true, writable: true });
      return;
    }
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'ref':
    case 'object':
    case 'any': {
      const value = decodeValue(schema, field, definitions);
      // Go writes fields that are not pointers even when nobody set them; in JSON such a zero is left out.
      if (value === undefined || ((value === '' || value === 0 || value === false) && !isOptionalScalar(name))) return;
      into[name] = value;
    }
  }
}

function decodeValue(schema: Schema, field: WireField, definitions: Definitions): unknown {
  switch (schema.type) {
    case 'string':
      return decodeString(schema, field);
    case 'integer':
      return Number(BigInt.asIntN(64, varint(field)));
    case 'boolean':
      return varint(field) !== 0n;
    case 'number':
      return lengthDelimited(field).readDoubleLE(0);
    case 'ref':
      return decodeMessage(schema.ref, lengthDelimited(field), definitions);
    case 'any':
      return json(field);
    case 'array':
    case 'map':
    case 'object':
      throw new WireError(`field ${field.number}: a list or map cannot be nested here`);
  }
}

const BY_FORMAT: { readonly [format in NonNullable<StringSchema['format']>]: (bytes: Buffer) => unknown } = {
  byte: (bytes) => bytes.toString('base64'),
  quantity: (bytes) => inner(bytes, 1)?.toString() ?? '',
  'int-or-string': intOrString,
  'date-time': (bytes) => time(bytes, 'date-time'),
  'micro-time': (bytes) => time(bytes, 'micro-time'),
};

function decodeString({ format }: StringSchema, field: WireField): unknown {
  const bytes = lengthDelimited(field);
  return format === undefined ? bytes.toString('utf8') : BY_FORMAT[format](bytes);
}

/** { type = 1 (0 number, 1 string), intVal = 2, strVal = 3 } */
function intOrString(bytes: Buffer): number | string {
  const isString = Number(inner(bytes, 1) ?? 0n) === 1;
  return isString ? String(inner(bytes, 3) ?? '') : Number(BigInt.asIntN(64, (inner(bytes, 2) as bigint | undefined) ?? 0n));
}

/** { seconds = 1, nanos = 2 }; nothing at all is no time. */
function time(bytes: Buffer, format: 'date-time' | 'micro-time'): string | undefined {
  if (bytes.length === 0) return undefined;
  const seconds = Number(BigInt.asIntN(64, (inner(bytes, 1) as bigint | undefined) ?? 0n));
  const nanos = Number((inner(bytes, 2) as bigint | undefined) ?? 0n);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return format === 'date-time' ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** { raw = 1 } with JSON inside. */
function json(field: WireField): unknown {
  const raw = inner(lengthDelimited(field), 1);
  if (raw === undefined || (Buffer.isBuffer(raw) && raw.length === 0)) return undefined;
  try {
    return JSON.parse(String(raw));
  } catch {
    throw new WireError(`field ${field.number}: expected JSON inside`);
  }
}

/** Numbers may come packed into one field. */
function repeated(items: Schema, field: WireField): readonly WireField[] {
  if (field.type !== 2 || (items.type !== 'integer' && items.type !== 'boolean')) return [field];
  const bytes = lengthDelimited(field);
  const all: WireField[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = readVarint(bytes, at);
    all.push({ number: field.number, type: 0, value });
    at = end;
  }
  return all;
}

/** { key = 1, value = 2 } */
function entry(field: WireField): readonly [string, WireField] {
  let key = '';
  let value: WireField = { number: 2, type: 2, value: Buffer.alloc(0) };
  for (const one of wireFields(lengthDelimited(field))) {
    if (one.number === 1) key = String(one.value);
    else if (one.number === 2) value = one;
  }
  return [key, value];
}

/** Lists as map values are messages of their own: { items = 1 }. */
function mapValue(schema: Schema, field: WireField, definitions: Definitions): unknown {
  if (schema.type !== 'array') return decodeValue(schema, field, definitions);
  return [...wireFields(lengthDelimited(field))].filter(({ number }) => number === 1).map((one) => decodeValue(schema.items, one, definitions));
}

function inner(bytes: Buffer, number: number): bigint | Buffer | undefined {
  for (const field of wireFields(bytes)) if (field.number === number) return field.value;
  return undefined;
}

function varint({ number, value }: WireField): bigint {
  if (typeof value !== 'bigint') throw new WireError(`field ${number}: expected a number`);
  return value;
}

function lengthDelimited({ number, value }: WireField): Buffer {
  if (typeof value === 'bigint') throw new WireError(`field ${number}: expected bytes`);
  return value;
}

const isZero = ({ value }: WireField): boolean => (typeof value === 'bigint' ? value === 0n : value.length === 0);
