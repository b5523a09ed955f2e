import { type KubeObject, parseJsonPath, relaxedJsonPath, toYaml } from '../../apimachinery/index.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { objectTitle, type Resource } from '../kubernetes/discovery.ts';
import { textTable } from './text-table.ts';

/** How objects are to be written. */
export type OutputFormat =
  | { readonly kind: 'table'; readonly wide: boolean }
  | { readonly kind: 'json' | 'yaml' | 'name' }
  | { readonly kind: 'jsonpath'; readonly template: string }
  | { readonly kind: 'columns'; readonly columns: readonly { readonly title: string; readonly path: string }[] };

/** Reads `-o`. */
export function outputFormat(given: string | undefined): OutputFormat {
  if (given === undefined || given === '') return { kind: 'table', wide: false };
  if (given === 'wide') return { kind: 'table', wide: true };
  if (given === 'json' || given === 'yaml' || given === 'name') return { kind: given };
  const [name, value] = splitOnce(given, '=');
  if (name === 'jsonpath' && value !== undefined) return { kind: 'jsonpath', template: value };
  if (name === 'custom-columns' && value !== undefined) {
    const columns = value.split(/,(?![^[]*\])/).map((column) => {
      const [title, path] = splitOnce(column, ':');
      if (!path) throw new UsageError(`-o custom-columns: expected TITLE:PATH, got "${column}"`);
      return { title, path };
    });
    return { kind: 'columns', columns };
  }
  throw new UsageError(`-o ${given}: expected wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=TITLE:PATH,…`);
}

function splitOnce(text: string, by: string): readonly [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)];
}

/** Objects of a kind each. */
export interface Printable {
  readonly object: KubeObject;
  readonly resource: Resource;
}

const withoutManagedFields = (object: KubeObject): KubeObject => {
  if (!object.metadata?.managedFields) return object;
  const { managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Writes objects in any form but a table. `single` is whether one object was asked for by name (then it is no List). */
export function printObjects(
  context: Context,
  format: Exclude<OutputFormat, { kind: 'table' }>,
  items: readonly Printable[],
  options: { readonly single: boolean; readonly managedFields: boolean },
): void {
  const objects = items.map(({ object }) => (options.managedFields ? object : withoutManagedFields(object)));
  const whole: unknown = options.single ? objects[0] : { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
  switch (format.kind) {
    case 'json':
      context.print(JSON.stringify(whole, undefined, 4));
      return;
    case 'yaml':
      context.io.stdout.write(toYaml(whole));
      return;
    case 'name':
      for (const { object, resource } of items) context.print(objectTitle(resource, object.metadata.name ?? ''));
      return;
    case 'jsonpath':
      context.io.stdout.write(parseJsonPath(format.template.includes('{') ? format.template : relaxedJsonPath(format.template)).print(whole));
      return;
    case 'columns':
      context.print(
        textTable(
          format.columns.map(({ title }) => title),
          objects.map((object) => format.columns.map(({ path }) => cellText(parseJsonPath(relaxedJsonPath(path)).find(object)))),
        ),
      );
  }
}

const cellText = (values: readonly unknown[]): string =>
  values.length === 0
    ? '<none>'
    : values.map((value) => (value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value))).join(',');
