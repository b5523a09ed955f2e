import { fieldErrorText, fieldInvalid } from './field-error.ts';
import { EVERYTHING, type LabelMatcher, type LabelRequirement, labelMatcher, requirementErrors, SelectorError } from './label-selector.ts';
import { checkQualifiedName } from './names.ts';

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
