import { JsonPathError, type Part } from './ast.ts';
import { evaluate, type Scope } from './evaluate.ts';
import { parseTemplate } from './parse.ts';

export { JsonPathError };

/** A template of kubectl's JSONPath dialect, ready to be used on many objects. */
export interface JsonPath {
  /** The values of all expressions, in order; texts are left out and ranges unrolled. Throws JsonPathError. */
  find(data: unknown): readonly unknown[];
  /** The template filled in: several values of one expression are joined by spaces, objects are JSON. Throws JsonPathError. */
  print(data: unknown): string;
}

const printed = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function walk(parts: readonly Part[], scope: Scope, text: (text: string) => void, values: (values: readonly unknown[]) => void): void {
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        text(part.text);
        break;
      case 'path':
        values(evaluate(part.path, scope));
        break;
      case 'range':
        for (const item of evaluate(part.path, scope)) walk(part.body, { ...scope, current: item }, text, values);
    }
  }
}

/** Reads a template like `{range .items[*]}{.metadata.name}{"\n"}{end}`. Missing fields print nothing unless `missing` is 'error'. Throws JsonPathError. */
export function parseJsonPath(template: string, options: { readonly missing?: 'allow' | 'error' } = {}): JsonPath {
  const parts = parseTemplate(template);
  const scopeOf = (data: unknown): Scope => ({ root: data, current: data, allowMissing: options.missing !== 'error' });
  return {
    find(data) {
      const found: unknown[] = [];
      walk(
        parts,
        scopeOf(data),
        () => undefined,
        (values) => found.push(...values),
      );
      return found;
    },
    print(data) {
      let result = '';
      walk(
        parts,
        scopeOf(data),
        (text) => {
          result += text;
        },
        (values) => {
          result += values.map(printed).join(' ');
        },
      );
      return result;
    },
  };
}

/** What custom-columns, --sort-by and wait accept beside a full template: `.metadata.name`, `metadata.name`, `{metadata.name}`. Throws JsonPathError. */
export function relaxedJsonPath(expression: string): string {
  const found = /^\{?\.?([^{}]+)\}?$/.exec(expression.trim());
  if (expression.trim() === '' || !found || expression.startsWith('{') !== expression.trim().endsWith('}'))
    throw new JsonPathError(`unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}', got ${expression}`);
  const [, path = ''] = found;
  return `{${path.startsWith('[') || path.startsWith('$') || path.startsWith('@') ? '' : '.'}${path}}`;
}
