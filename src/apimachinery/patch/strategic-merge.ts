import { deepEqual, isList, isMap, type JsonMap, setField } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { badRequest } from '../status-error.ts';
import { mergeInOrder } from './element-order.ts';
import { patchDoesNotApply } from './patch-error.ts';
import { asList, elementSchema, type PatchField, patchField } from './patch-schema.ts';

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_PREFIX = '$deleteFromPrimitiveList/';
export const ORDER_PREFIX = '$setElementOrder/';

type Building = { [field: string]: unknown };

const isDirectiveField = (field: string): boolean => field.startsWith('$') && (field === DIRECTIVE || field === RETAIN_KEYS || isListDirective(field));
const isListDirective = (field: string): boolean => field.startsWith(DELETE_PREFIX) || field.startsWith(ORDER_PREFIX);

/** Fields that a patch speaks of: its own, and the lists that only directives name. */
function patchedFields(patch: JsonMap): readonly string[] {
  const fields = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (key.startsWith(DELETE_PREFIX)) fields.add(key.slice(DELETE_PREFIX.length));
    else if (key.startsWith(ORDER_PREFIX)) fields.add(key.slice(ORDER_PREFIX.length));
    else if (!isDirectiveField(key)) fields.add(key);
  }
  return [...fields];
}

class Merger {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  map(schema: Schema | undefined, original: JsonMap, patch: JsonMap, path: string): JsonMap {
    if (Object.hasOwn(patch, DIRECTIVE)) {
      switch (patch[DIRECTIVE]) {
        case 'replace':
          return this.map(schema, {}, withoutDirective(patch), path);
        case 'delete':
          return {};
        case 'merge':
          break;
        default:
          throw badRequest(`unknown patch type: ${String(patch[DIRECTIVE])} in map${path && ` at ${path}`}: use replace, delete or merge`);
      }
    }
    const retained = this.#retainKeys(original, patch, path);
    let result: Building | undefined = retained === original ? undefined : { ...retained };
    for (const field of patchedFields(patch)) {
      const present = Object.hasOwn(retained, field);
      if (Object.hasOwn(patch, field) && patch[field] === null) {
        if (!present) continue;
        result ??= { ...retained };
        delete result[field];
        continue;
      }
      const old = present ? retained[field] : undefined;
      const next = this.#field(patchField(this.#definitions, schema, field), old, patch, field, path === '' ? field : `${path}.${field}`);
      if (next === old || next === undefined) continue;
      result ??= { ...retained };
      setField(result, field, next);
    }
    return result ?? original;
  }

  #retainKeys(original: JsonMap, patch: JsonMap, path: string): JsonMap {
    const given = patch[RETAIN_KEYS];
    if (given === undefined) return original;
    if (!isList(given)) throw badRequest(`invalid patch format of retainKeys${path && ` at ${path}`}: a list of field names is needed`);
    const stray = Object.keys(patch).find((field) => !isDirectiveField(field) && patch[field] !== null && !given.includes(field));
    if (stray !== undefined) throw badRequest(`invalid patch format of retainKeys${path && ` at ${path}`}: ${stray} is in the patch and not in the list`);
    const gone = Object.keys(original).filter((field) => !given.includes(field));
    if (gone.length === 0) return original;
    const kept: Building = { ...original };
    for (const field of gone) delete kept[field];
    return kept;
  }

  #field(facts: PatchField, old: unknown, patch: JsonMap, field: string, path: string): unknown {
    const wanted = patch[field];
    if (isMap(wanted)) return facts.replaces || !isMap(old) ? this.map(facts.schema, {}, wanted, path) : this.map(facts.schema, old, wanted, path);
    if (wanted !== undefined && !isList(wanted)) return wanted;
    if (!facts.mergesList) return wanted === undefined ? undefined : this.#plainList(facts, wanted, path);
    if (wanted === undefined && old === undefined) return undefined;
    return this.#list(facts, asList(old), asList(wanted), asList(patch[`${DELETE_PREFIX}${field}`]), patch[`${ORDER_PREFIX}${field}`], path);
  }

  /** A list that is replaced: its elements are built from nothing, so that directives inside do not end up in the object. */
  #plainList(facts: PatchField, wanted: readonly unknown[], path: string): readonly unknown[] {
    const items = elementSchema(facts.schema);
    return wanted.some(isMap) ? wanted.map((item, index) => (isMap(item) ? this.map(items, {}, item, `${path}[${index}]`) : item)) : wanted;
  }

  #list(facts: PatchField, old: readonly unknown[], wanted: readonly unknown[], deleted: readonly unknown[], order: unknown, path: string): readonly unknown[] {
    const { mergeKey } = facts;
    const next = mergeKey === undefined ? mergePrimitives(old, wanted, deleted) : this.#elements(facts, mergeKey, old, wanted, path);
    // Without an order of its own a patch orders by its elements: new ones come first.
    const merged = mergeInOrder(next, old, isList(order) ? order : wanted, mergeKey);
    return deepEqual(merged, old) && merged.length > 0 ? old : merged;
  }

  #elements(facts: PatchField, mergeKey: string, old: readonly unknown[], wanted: readonly unknown[], path: string): readonly unknown[] {
    const replace = wanted.some((item) => isMap(item) && item[DIRECTIVE] === 'replace');
    const items = elementSchema(facts.schema);
    const result: unknown[] = replace ? [] : [...old];
    for (const [index, item] of wanted.entries()) {
      if (!isMap(item)) throw badRequest(`${path}[${index}]: expected an object in a list that merges by ${mergeKey}, got ${JSON.stringify(item)}`);
      const directive = item[DIRECTIVE];
      if (directive === 'replace') {
        const rest = withoutDirective(item);
        if (Object.keys(rest).length > 0) result.push(this.map(items, {}, rest, path));
        continue;
      }
      if (!Object.hasOwn(item, mergeKey)) throw patchDoesNotApply(path, `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
      const matches = (one: unknown) => isMap(one) && deepEqual(one[mergeKey], item[mergeKey]);
      if (directive === 'delete') {
        for (let at = result.length - 1; at >= 0; at--) if (matches(result[at])) result.splice(at, 1);
        continue;
      }
      const at = replace ? -1 : result.findIndex(matches);
      const target = result[at];
      if (isMap(target)) result[at] = this.map(items, target, item, `${path}[${index}]`);
      else result.push(this.map(items, {}, item, `${path}[${index}]`));
    }
    return result;
  }
}

function withoutDirective(patch: JsonMap): JsonMap {
  const { [DIRECTIVE]: _, ...rest } = patch;
  return rest;
}

function mergePrimitives(old: readonly unknown[], wanted: readonly unknown[], deleted: readonly unknown[]): readonly unknown[] {
  return [...new Set([...old, ...wanted])].filter((item) => !deleted.includes(item) || wanted.includes(item));
}

/**
 * Applies a strategic merge patch to an object of the given definition. Pure; parts that the patch does not touch are shared. Where the schema says
 * nothing, maps merge and lists are replaced. Throws StatusError: 400 for a malformed directive, 422 for an element without its merge key.
 */
export function applyStrategicMergePatch(definitions: Definitions, name: string, target: JsonMap, patch: unknown): JsonMap {
  if (!isMap(patch)) throw badRequest('error decoding patch: a strategic merge patch is an object');
  return new Merger(definitions).map(definitions[name], target, patch, '');
}
