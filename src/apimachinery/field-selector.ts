import { SelectorError } from './label-selector.ts';

/** One term of a field selector. */
export interface FieldRequirement {
  readonly path: string;
  readonly op: '=' | '!=';
  readonly value: string;
}

/** Splits at commas that are not escaped with a backslash. */
function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function unescapeValue(value: string, whole: string): string {
  const found = /\\(?![\\,=])/.exec(value);
  if (found) throw new SelectorError(`invalid field selector: ${whole}: invalid escape sequence: ${value.slice(found.index, found.index + 2)}`);
  if (/(?<!\\)(?:\\\\)*=/.test(value)) throw new SelectorError(`invalid field selector: ${whole}: unescaped = in value: ${value}`);
  return value.replace(/\\([\\,=])/g, '$1');
}

/** Reads `metadata.name=x,status.phase!=Running`; backslashes escape `,`, `=` and themselves in values. Throws SelectorError with Kubernetes' text. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const found = /^([^=!]*?)(!=|==|=)([\s\S]*)$/.exec(term);
    if (!found) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({ path: found[1] ?? '', op: found[2] === '!=' ? '!=' : '=', value: unescapeValue(found[3] ?? '', text) });
  }
  return requirements;
}

/** The string form of field requirements. */
export const formatFieldSelector = (requirements: readonly FieldRequirement[]): string =>
  requirements.map(({ path, op, value }) => `${path}${op}${value.replace(/[\\,=]/g, '\\$&')}`).join(',');
