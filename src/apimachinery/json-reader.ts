import { isList, isMap } from './json-value.ts';

/** A JSON text read: the value as JSON.parse gives it (the last of duplicate fields wins) and the paths of duplicate fields. */
export interface JsonReading {
  readonly value: unknown;
  /** For instance spec.template.spec.containers[0].image; each once. */
  readonly duplicates: readonly string[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Index just after the string that starts at `start` (which holds the opening quote). */
function afterString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

function countColons(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = afterString(text, index) - 1;
    else if (code === COLON) count++;
  }
  return count;
}

function countFields(value: unknown): number {
  let count = 0;
  if (isList(value)) for (const item of value) count += countFields(item);
  else if (isMap(value)) for (const key in value) count += 1 + countFields(value[key]);
  return count;
}

/** Walks a text that is known to be valid JSON and names the fields that come twice. */
function findDuplicates(text: string): readonly string[] {
  const found = new Set<string>();
  let at = 0;
  const skipSpace = () => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const walk = (path: string): void => {
    skipSpace();
    const first = text[at];
    if (first === '{') {
      const seen = new Set<string>();
      at++;
      skipSpace();
      while (text[at] !== '}') {
        skipSpace();
        const end = afterString(text, at);
        const key = JSON.parse(text.slice(at, end)) as string;
        const inner = path === '' ? key : `${path}.${key}`;
        if (seen.has(key)) found.add(inner);
        seen.add(key);
        at = end;
        skipSpace();
        at++;
        walk(inner);
        skipSpace();
        if (text[at] === ',') at++;
        skipSpace();
      }
      at++;
    } else if (first === '[') {
      at++;
      skipSpace();
      for (let index = 0; text[at] !== ']'; index++) {
        walk(`${path}[${index}]`);
        skipSpace();
        if (text[at] === ',') at++;
        skipSpace();
      }
      at++;
    } else if (first === '"') at = afterString(text, at);
    else while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++;
  };
  walk('');
  return [...found];
}

/**
 * Reads JSON and tells of duplicate fields. Every field of a text has one colon outside of strings, so counting colons shows whether any field was
 * lost; only then is the text walked for their paths. Throws SyntaxError.
 */
export function readJson(text: string): JsonReading {
  const value: unknown = JSON.parse(text);
  return { value, duplicates: countColons(text) === countFields(value) ? [] : findDuplicates(text) };
}
