import { isEmptyMap, isList, isMap } from '../json-value.ts';
import type { Definitions, Schema } from '../schema.ts';
import { badRequest } from '../status-error.ts';
import { fieldElement, fieldPathText } from './field-path.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { shapeOf } from './shape.ts';

class Extractor {
  readonly set = new FieldSetBuilder();
  readonly #definitions: Definitions;
  readonly #path: string[] = [];

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  walk(schema: Schema | undefined, value: unknown): void {
    const shape = shapeOf(this.#definitions, schema);
    if (shape.kind === 'struct' && isMap(value)) {
      for (const name of Object.keys(value)) {
        const inner = value[name];
        this.#path.push(fieldElement(name));
        this.walk(shape.field(name), inner);
        if (isMap(inner) && isEmptyMap(inner)) this.set.add(this.#path);
        this.#path.pop();
      }
    } else if (shape.kind === 'list' && isList(value)) {
      const seen = new Set<string>();
      for (const item of value) {
        const element = shape.elementOf(item);
        if (seen.has(element)) throw badRequest(`${fieldPathText(this.#path)}: duplicate entries for key ${fieldPathText([element])}`);
        seen.add(element);
        this.#path.push(element);
        this.set.add(this.#path);
        if (isMap(item)) this.walk(shape.items, item);
        this.#path.pop();
      }
    } else if (this.#path.length > 0) this.set.add(this.#path);
  }
}

/** The fields that an applied configuration speaks of. Throws StatusError 400 when a list that is a map has two elements of one key. */
export function extractFields(definitions: Definitions, schema: Schema | undefined, value: unknown): FieldSet {
  const extractor = new Extractor(definitions);
  extractor.walk(schema, value);
  return extractor.set.build();
}
