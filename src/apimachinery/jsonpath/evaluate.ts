import { deepEqual, isList, isMap } from '../json-value.ts';
import { type FilterOperator, JsonPathError, type Path, type Step } from './ast.ts';

/** What a path is evaluated against. */
export interface Scope {
  readonly root: unknown;
  readonly current: unknown;
  /** Fields that are not there give nothing instead of an error. */
  readonly allowMissing: boolean;
}

const valuesOf = (value: unknown): readonly unknown[] => (isList(value) ? value : isMap(value) ? Object.values(value) : []);

function descendants(value: unknown): readonly unknown[] {
  return [value, ...valuesOf(value).flatMap(descendants)];
}

function slice(list: readonly unknown[], { start, end, step, single }: Extract<Step, { type: 'slice' }>): readonly unknown[] {
  const { length } = list;
  const from = start === undefined ? 0 : start < 0 ? start + length : start;
  const to = end === undefined ? length : end < 0 || (end === 0 && single) ? end + length : end;
  const out = (index: number) => new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
  if (from === to) return [];
  if (from >= length || from < 0) throw out(from);
  if (to > length || to < 0) throw out(to - 1);
  if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
  if (step <= 0) throw new JsonPathError(`step must be > 0, got ${step}`);
  return list.slice(from, to).filter((_, index) => index % step === 0);
}

function compare(left: unknown, right: unknown, operator: FilterOperator): boolean {
  if (operator === '==' || operator === '!=') return deepEqual(left, right) === (operator === '==');
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) throw new JsonPathError('incompatible types for comparison');
  const order = left === right ? 0 : (left as string) < (right as string) ? -1 : 1;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function filter(value: unknown, step: Extract<Step, { type: 'filter' }>, scope: Scope): readonly unknown[] {
  return valuesOf(value).filter((item) => {
    const inner: Scope = { root: scope.root, current: item, allowMissing: true };
    const left = evaluate(step.left, inner);
    if (step.operator === 'exists') return left.length > 0;
    const right = evaluate(step.right, inner);
    if (left.length > 1 || right.length > 1) throw new JsonPathError('can only compare one element at a time');
    return left.length === 1 && right.length === 1 && compare(left[0], right[0], step.operator);
  });
}

function field(value: unknown, name: string, scope: Scope): readonly unknown[] {
  if (isMap(value) && Object.hasOwn(value, name)) return [value[name]];
  if (scope.allowMissing) return [];
  throw new JsonPathError(`${name} is not found`);
}

function take(step: Exclude<Step, { type: 'union' }>, value: unknown, scope: Scope): readonly unknown[] {
  switch (step.type) {
    case 'root':
      return [scope.root];
    case 'current':
      return [value];
    case 'field':
      return field(value, step.name, scope);
    case 'wildcard':
      return valuesOf(value);
    case 'recursive': {
      const inner = { ...scope, allowMissing: true };
      return descendants(value).flatMap((one) => (step.next.type === 'slice' && !isList(one) ? [] : takeAll(step.next, [one], inner)));
    }
    case 'slice':
      if (isList(value)) return slice(value, step);
      if (value === undefined || value === null || scope.allowMissing) return [];
      throw new JsonPathError(`${typeof value} is not array or slice`);
    case 'filter':
      return filter(value, step, scope);
  }
}

/** A union goes through all values once for each of its paths; the other steps go through them once. */
const takeAll = (step: Step, values: readonly unknown[], scope: Scope): readonly unknown[] =>
  step.type === 'union'
    ? step.paths.flatMap((path) => values.flatMap((value) => evaluate(path, { ...scope, current: value })))
    : values.flatMap((value) => take(step, value, scope));

/** Every value that the path finds, in order. Throws JsonPathError. */
export function evaluate(path: Path, scope: Scope): readonly unknown[] {
  if ('literal' in path) return [path.literal];
  return path.reduce<readonly unknown[]>((values, step) => takeAll(step, values, scope), [scope.current]);
}
