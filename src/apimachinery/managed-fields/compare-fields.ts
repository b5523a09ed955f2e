import { deepEqual, isList, isMap, type JsonMap } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { fieldElement } from './field-path.ts';
import { below, type FieldSet, FieldSetBuilder, isMember } from './field-set.ts';
import { ALWAYS_THERE, groupItems, type Shape, shapeOf } from './shape.ts';

/** What differs between two objects. */
export interface FieldComparison {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

class Comparer {
  readonly changed = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();
  readonly #definitions: Definitions;
  readonly #path: string[] = [];

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  walk(schema: Schema | undefined, old: unknown, next: unknown, ignored: FieldSet | undefined): void {
    if (old === next) return;
    const shape = shapeOf(this.#definitions, schema);
    if (shape.kind === 'struct' && (isMap(old) || old === undefined) && (isMap(next) || next === undefined)) this.#struct(shape, old, next, ignored);
    else if (shape.kind === 'list' && (isList(old) || old === undefined) && (isList(next) || next === undefined)) this.#list(shape, old, next);
    else if (old === undefined) this.changed.add(this.#path);
    else if (next === undefined) this.removed.add(this.#path);
    else if (!deepEqual(old, next)) this.changed.add(this.#path);
  }

  #struct(shape: Extract<Shape, { kind: 'struct' }>, old: JsonMap | undefined, next: JsonMap | undefined, ignored: FieldSet | undefined): void {
    if (old === undefined || next === undefined) this.#presence(shape, old === undefined);
    for (const name in next) {
      const now = next[name];
      const before = old !== undefined && Object.hasOwn(old, name) ? old[name] : undefined;
      if (now !== before) this.#field(shape, name, before, now, ignored);
    }
    for (const name in old) if (next === undefined || !Object.hasOwn(next, name)) this.#field(shape, name, old[name], undefined, ignored);
  }

  #field(shape: Extract<Shape, { kind: 'struct' }>, name: string, before: unknown, now: unknown, ignored: FieldSet | undefined): void {
    const element = fieldElement(name);
    const cut = ignored === undefined ? undefined : below(ignored, element);
    if (cut !== undefined && isMember(cut)) return;
    this.#path.push(element);
    this.walk(shape.field(name), before, now, cut);
    this.#path.pop();
  }

  /** The struct, map or list as such was added or removed. */
  #presence(shape: Shape, added: boolean): void {
    const last = this.#path.at(-1);
    if (last === undefined || (!(shape.kind === 'struct' && shape.isMap) && ALWAYS_THERE.has(last.slice(2)))) return;
    (added ? this.changed : this.removed).add(this.#path);
  }

  #list(shape: Extract<Shape, { kind: 'list' }>, old: readonly unknown[] | undefined, next: readonly unknown[] | undefined): void {
    if (old === undefined || next === undefined) this.#presence(shape, old === undefined);
    else if (deepEqual(old, next)) return;
    const before = groupItems(old ?? [], shape.elementOf);
    const now = groupItems(next ?? [], shape.elementOf);
    for (const [element, items] of now) this.#items(shape, element, before.get(element), items);
    for (const [element, items] of before) if (!now.has(element)) this.#items(shape, element, items, undefined);
  }

  #items(shape: Extract<Shape, { kind: 'list' }>, element: string, before: readonly unknown[] | undefined, now: readonly unknown[] | undefined): void {
    this.#path.push(element);
    if (before === undefined) this.changed.add(this.#path);
    if (now === undefined) this.removed.add(this.#path);
    const several = (before?.length ?? 0) > 1 || (now?.length ?? 0) > 1;
    if (several) {
      if (before !== undefined && now !== undefined && !deepEqual(before, now)) this.changed.add(this.#path);
    } else if (isMap(before?.[0] ?? now?.[0])) this.walk(shape.items, before?.[0], now?.[0], undefined);
    this.#path.pop();
  }
}

/** Compares two objects field by field; nothing below the members of `ignored` is looked at. */
export function compareFields(definitions: Definitions, schema: Schema | undefined, old: unknown, next: unknown, ignored: FieldSet): FieldComparison {
  const comparer = new Comparer(definitions);
  comparer.walk(schema, old, next, ignored);
  return { changed: comparer.changed.build(), removed: comparer.removed.build() };
}
