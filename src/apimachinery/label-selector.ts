import type { FieldError } from './field-error.ts';
import { fieldInvalid } from './field-error.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';
import type { LabelSelector } from './object.ts';

/** Labels, as an object carries them. */
export type Labels = { readonly [key: string]: string } | undefined;

/** One term of a selector. `=` and `==` have exactly one value; `exists` and `!` none. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  readonly values: readonly string[];
}

/** A parsed selector: all requirements must hold. None at all matches everything. */
export interface LabelMatcher {
  readonly requirements: readonly LabelRequirement[];
  matches(labels: Labels): boolean;
  /** The selector in its string form, requirements by key. */
  toString(): string;
}

/** A selector that cannot be used; the message is Kubernetes' own. */
export class SelectorError extends Error {
  readonly code = 'ERR_SELECTOR';
}

const has = (labels: Labels, key: string): boolean => labels !== undefined && Object.hasOwn(labels, key);

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const present = has(labels, key);
  const value = present ? labels?.[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return present;
    case '!':
      return !present;
    case 'gt':
    case 'lt': {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      const order = BigInt(value) - BigInt(values[0] ?? '0');
      return operator === 'gt' ? order > 0n : order < 0n;
    }
  }
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${values[0]}`;
  }
}

/** What is wrong with a requirement, as Kubernetes says it. */
export function requirementErrors({ key, operator, values }: LabelRequirement): readonly FieldError[] {
  const errors: FieldError[] = [];
  const keyErrors = checkQualifiedName(key);
  if (keyErrors.length > 0) errors.push(fieldInvalid('key', key, keyErrors.join('; ')));
  if ((operator === 'in' || operator === 'notin') && values.length === 0)
    errors.push(fieldInvalid('values', values, "for 'in', 'notin' operators, values set can't be empty"));
  if (operator === 'gt' || operator === 'lt') {
    if (values.length !== 1) errors.push(fieldInvalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required"));
    for (const [index, value] of values.entries()) {
      if (!/^[+-]?\d+$/.test(value)) errors.push(fieldInvalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  }
  for (const [index, value] of values.entries()) {
    const valueErrors = checkLabelValue(value);
    if (valueErrors.length > 0) errors.push(fieldInvalid(`values[${index}][${key}]`, value, valueErrors.join('; ')));
  }
  return errors;
}

/** A matcher of these requirements, which are taken to be valid. */
export function labelMatcher(requirements: readonly LabelRequirement[]): LabelMatcher {
  const sorted = [...requirements].sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  return {
    requirements: sorted,
    matches(labels) {
      for (const requirement of sorted) if (!holds(requirement, labels)) return false;
      return true;
    },
    toString: () => sorted.map(requirementText).join(','),
  };
}

/** Matches every object. */
export const EVERYTHING = labelMatcher([]);
const NOTHING: LabelMatcher = { requirements: [], matches: () => false, toString: () => '' };

const OPERATORS: { readonly [operator: string]: LabelRequirement['operator'] } = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/** The matcher of a LabelSelector object: an absent one matches nothing, an empty one everything. Throws SelectorError for an operator that does not exist. */
export function labelSelectorMatcher(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return NOTHING;
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OPERATORS[operator];
    if (!known) throw new SelectorError(`"${operator}" is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: values ?? [] });
  }
  return requirements.length === 0 ? EVERYTHING : labelMatcher(requirements);
}

/** The matcher of a plain map of labels (a Service's selector): all must be equal. An empty or absent map matches everything. */
export const labelMapMatcher = (labels: Labels): LabelMatcher =>
  labelMatcher(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })));

/** The string form of a LabelSelector object, as the scale subresource shows it. */
export const formatLabelSelector = (selector: LabelSelector | undefined): string => labelSelectorMatcher(selector).toString();
