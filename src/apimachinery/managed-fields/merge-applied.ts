import { isList, isMap, setField } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { fieldElement } from './field-path.ts';
import { below, type FieldSet, isMember, NO_FIELDS } from './field-set.ts';
import { ALWAYS_THERE, groupItems, shapeOf } from './shape.ts';

/** Lays an applied configuration over the live object. Pure; untouched parts are shared. */
export function mergeApplied(definitions: Definitions, schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  const shape = shapeOf(definitions, schema);
  if (shape.kind === 'struct' && isMap(live) && isMap(applied)) {
    let result: { [field: string]: unknown } | undefined;
    for (const name of Object.keys(applied)) {
      const present = Object.hasOwn(live, name);
      const next = mergeApplied(definitions, shape.field(name), present ? live[name] : undefined, applied[name]);
      if (present && next === live[name]) continue;
      result ??= { ...live };
      setField(result, name, next);
    }
    return result ?? live;
  }
  if (shape.kind === 'list' && isList(live) && isList(applied)) {
    const old = groupItems(live, shape.elementOf);
    const wanted = new Set(applied.map(shape.elementOf));
    const result: unknown[] = [];
    let at = 0;
    // Elements that only the live object has stay before the applied element that they preceded.
    const takeOthers = (until: number) => {
      for (; at < until; at++) if (!wanted.has(shape.elementOf(live[at]))) result.push(live[at]);
    };
    for (const item of applied) {
      const partners = old.get(shape.elementOf(item));
      if (partners) takeOthers(live.indexOf(partners[0]));
      result.push(partners?.length === 1 ? mergeApplied(definitions, shape.items, partners[0], item) : item);
    }
    takeOthers(live.length);
    return result.length === live.length && result.every((item, index) => item === live[index]) ? live : result;
  }
  return sameLeaf(live, applied) ? live : applied;
}

/** Leaves that are equal keep the live object's identity, so that applying the same again changes nothing. */
const sameLeaf = (live: unknown, applied: unknown): boolean =>
  live === applied || (typeof live === 'object' && typeof applied === 'object' && JSON.stringify(live) === JSON.stringify(applied));

function removeField(definitions: Definitions, schema: Schema | undefined, name: string, value: unknown, cut: FieldSet | undefined): unknown {
  if (cut === undefined) return value;
  if (!ALWAYS_THERE.has(name)) return isMember(cut) ? undefined : removeFields(definitions, schema, value, cut);
  return removeFields(definitions, schema, value, cut) ?? (isMap(value) ? {} : undefined);
}

/** The value without the members of `gone` (and all that is in them); lists and maps that become empty go too: undefined when nothing is left. */
export function removeFields(definitions: Definitions, schema: Schema | undefined, value: unknown, gone: FieldSet): unknown {
  const shape = shapeOf(definitions, schema);
  if (shape.kind === 'struct' && isMap(value)) {
    const result: { [field: string]: unknown } = {};
    let changed = false;
    for (const name of Object.keys(value)) {
      const next = removeField(definitions, shape.field(name), name, value[name], below(gone, fieldElement(name)));
      if (next !== value[name]) changed = true;
      if (next !== undefined) setField(result, name, next);
    }
    if (!changed) return value;
    return Object.keys(result).length > 0 ? result : undefined;
  }
  if (shape.kind === 'list' && isList(value)) {
    const kept = value.map((item) => {
      const cut = below(gone, shape.elementOf(item));
      if (cut === undefined) return item;
      return isMember(cut) ? undefined : removeFields(definitions, shape.items, item, cut);
    });
    if (kept.every((item, index) => item === value[index])) return value;
    const rest = kept.filter((item) => item !== undefined);
    return rest.length > 0 ? rest : undefined;
  }
  return value;
}

/** The set with every struct field on the way to a member a member too: who owns a field's content owns the field. */
export function withParents(definitions: Definitions, schema: Schema | undefined, set: FieldSet): FieldSet {
  const shape = shapeOf(definitions, schema);
  const result: { [element: string]: FieldSet } = {};
  for (const element of Object.keys(set)) {
    const inner = set[element] as FieldSet;
    if (element === '.') {
      result[element] = inner;
      continue;
    }
    const innerSchema = shape.kind === 'struct' ? shape.field(element.slice(2)) : shape.kind === 'list' ? shape.items : undefined;
    const next = withParents(definitions, innerSchema, inner);
    const isStructField = shape.kind === 'struct' && !shape.isMap;
    result[element] = isStructField && !isMember(next) ? { '.': NO_FIELDS, ...next } : next;
  }
  return result;
}
