import type { FieldError } from './field-error.ts';
import { fieldErrorText, fieldInvalid } from './field-error.ts';
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
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** What is wrong with a requirement, as Kubernetes says it. */
function requirementErrors({ key, operator, values }: LabelRequirement): readonly FieldError[] {
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

const EVERYTHING = labelMatcher([]);
const NOTHING: LabelMatcher = { requirements: [], matches: () => false, toString: () => '' };

interface Token {
  readonly type: 'symbol' | 'identifier' | 'end';
  readonly text: string;
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(/\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))/g)) {
    found.push(match[1] === undefined ? { type: 'identifier', text: match[2] ?? '' } : { type: 'symbol', text: match[1] });
  }
  return [...found, { type: 'end', text: '' }];
}

/** Reads the string form: `a=b,c!=d,e in (f,g),h,!i,j>1`. Throws SelectorError with Kubernetes' text. */
export function parseLabelSelector(text: string): LabelMatcher {
  const list = tokens(text);
  let at = 0;
  const look = (): Token => list[at] ?? { type: 'end', text: '' };
  const next = (): Token => {
    const token = look();
    at++;
    return token;
  };
  const unexpected = (token: Token, expected: string): SelectorError => new SelectorError(`found '${token.text}', expected: ${expected}`);
  const inRequirement = (message: string): SelectorError => new SelectorError(`unable to parse requirement: ${message}`);

  function valueList(): readonly string[] {
    const open = next();
    if (open.text !== '(' || open.type !== 'symbol') throw inRequirement(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const token = next();
      if (token.type === 'identifier') {
        values.push(token.text);
        const after = look();
        if (after.text !== ',' && after.text !== ')') throw inRequirement(`found '${after.text}', expected: ',' or ')'`);
        if (after.text === ',') {
          next();
          if (look().text === ')') values.push('');
        }
      } else if (token.text === ',') values.push('');
      else if (token.text === ')') return values.length === 0 ? [''] : [...new Set(values)];
      else throw inRequirement(`found '${token.text}', expected: ',', ')' or identifier`);
    }
  }

  function operatorOf(token: Token): LabelRequirement['operator'] {
    switch (token.text) {
      case '=':
      case '==':
      case '!=':
      case 'in':
      case 'notin':
        return token.text;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw inRequirement(unexpected(token, 'in, notin, =, ==, !=, gt, lt').message);
    }
  }

  function requirement(): LabelRequirement {
    const negated = look().text === '!' && look().type === 'symbol';
    if (negated) next();
    const key = next();
    if (key.type !== 'identifier') throw inRequirement(unexpected(key, 'identifier').message);
    const keyErrors = checkQualifiedName(key.text);
    if (keyErrors.length > 0) throw inRequirement(fieldErrorText(fieldInvalid('<nil>', key.text, keyErrors.join('; '))));
    if (negated) return { key: key.text, operator: '!', values: [] };
    if (look().type === 'end' || look().text === ',') return { key: key.text, operator: 'exists', values: [] };
    const operator = operatorOf(next());
    if (operator === 'in' || operator === 'notin') return { key: key.text, operator, values: valueList() };
    if (look().type === 'end' || look().text === ',') return { key: key.text, operator, values: [''] };
    const value = next();
    if (value.type !== 'identifier') throw inRequirement(unexpected(value, 'identifier').message);
    return { key: key.text, operator, values: [value.text] };
  }

  const requirements: LabelRequirement[] = [];
  if (look().type === 'end') return EVERYTHING;
  for (;;) {
    const start = look();
    if (start.type !== 'identifier' && start.text !== '!') throw unexpected(start, "!, identifier, or 'end of string'");
    const one = requirement();
    const [error] = requirementErrors(one);
    if (error) throw inRequirement(fieldErrorText(error));
    requirements.push(one);
    const after = next();
    if (after.type === 'end') return labelMatcher(requirements);
    if (after.text !== ',') throw unexpected(after, "',' or 'end of string'");
    if (look().type !== 'identifier' && look().text !== '!') throw unexpected(look(), "identifier after ','");
  }
}

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
