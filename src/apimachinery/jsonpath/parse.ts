import { type FilterOperator, JsonPathError, type Part, type Path, type Step } from './ast.ts';

const OPERATOR = /(==|!=|<=|>=|<|>)/;

/** Position just after the quoted text that starts at `start`. */
function afterQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
  }
  throw new JsonPathError('unterminated quoted string');
}

function unquote(quoted: string): string {
  const body = quoted.slice(1, -1);
  const escapes: { readonly [character: string]: string } = { n: '\n', t: '\t', r: '\r', '0': '\0' };
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, character: string) =>
    code === undefined ? (escapes[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Position just after the bracket that closes the one at `start`, over nested brackets and quoted texts. */
function afterBracket(text: string, start: number, unclosed: string): number {
  const closing: string[] = [];
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"' || character === "'") at = afterQuoted(text, at) - 1;
    else if (character === '\\') at++;
    else if (character === '[') closing.push(']');
    else if (character === '(') closing.push(')');
    else if (character === '{') closing.push('}');
    else if (character === closing.at(-1)) {
      closing.pop();
      if (closing.length === 0) return at + 1;
    }
  }
  throw new JsonPathError(unclosed);
}

/** Splits at a character outside of quotes and brackets. */
function splitOutside(text: string, separator: RegExp): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"' || character === "'") at = afterQuoted(text, at) - 1;
    else if (character === '[' || character === '(') at = afterBracket(text, at, 'unterminated array') - 1;
    else {
      const found = separator.exec(text.slice(at));
      if (found?.index !== 0) continue;
      parts.push(text.slice(start, at), found[0]);
      at += found[0].length - 1;
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function parseFilter(body: string): Step {
  const inner = body.trim();
  const [left = '', operator, ...rest] = splitOutside(inner, OPERATOR);
  const from = (text: string) => parsePath(text.trim());
  if (operator === undefined) return { type: 'filter', left: from(left), operator: 'exists', right: [] };
  if (rest.length !== 1) throw new JsonPathError(`invalid filter (${inner}): one comparison at a time`);
  return { type: 'filter', left: from(left), operator: operator as FilterOperator, right: from(rest[0] ?? '') };
}

const integer = (text: string | undefined): number | undefined => (text === undefined || text.trim() === '' ? undefined : Number(text.trim()));

function parseBracket(body: string): Step {
  const text = body.trim();
  if (text === '*') return { type: 'wildcard' };
  const filter = /^\?\(([\s\S]*)\)$/.exec(text);
  if (filter) return parseFilter(filter[1] ?? '');
  const parts = splitOutside(text, /,/).filter((_, index) => index % 2 === 0);
  if (parts.length > 1) return { type: 'union', paths: parts.map((part) => [parseBracket(part)]) };
  if (/^(['"])[\s\S]*\1$/.test(text)) return { type: 'field', name: unquote(text) };
  if (/^-?\d+$/.test(text)) {
    const start = Number(text);
    return { type: 'slice', start, end: start === -1 ? undefined : start + 1, step: 1, single: true };
  }
  const slice = /^(-?\d*)(?::(-?\d*)(?::(-?\d*))?)?$/.exec(text);
  if (slice && text !== '') return { type: 'slice', start: integer(slice[1]), end: integer(slice[2]), step: integer(slice[3]) ?? 1, single: false };
  if (/^[\w$@.-]+$/.test(text)) return { type: 'field', name: text };
  throw new JsonPathError(`invalid array index ${text}`);
}

function readField(text: string, start: number): { readonly name: string; readonly end: number } {
  let name = '';
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === '\\') {
      name += text[at + 1] ?? '';
      at += 2;
    } else if (/[\s.[\](){},|$@<>=!'"?]/.test(character)) break;
    else {
      name += character;
      at++;
    }
  }
  return { name, end: at };
}

/** Reads one expression: a path, a quoted text, a number or a boolean. */
function parsePath(text: string): Path {
  if (/^["']/.test(text) && afterQuoted(text, 0) === text.length) return { literal: unquote(text) };
  if (/^[-+]?\d+(?:\.\d+)?$/.test(text)) return { literal: Number(text) };
  if (text === 'true' || text === 'false') return { literal: text === 'true' };
  const steps: Step[] = [];
  let at = 0;
  let recursive = false;
  const push = (step: Step) => {
    steps.push(recursive ? { type: 'recursive', next: step } : step);
    recursive = false;
  };
  while (at < text.length) {
    const character = text[at] as string;
    if (character === '$' || character === '@') {
      push({ type: character === '$' ? 'root' : 'current' });
      at++;
    } else if (text.startsWith('..', at)) {
      recursive = true;
      at += 2;
    } else if (character === '.' || character === ' ') at++;
    else if (character === '*') {
      push({ type: 'wildcard' });
      at++;
    } else if (character === '[') {
      const end = afterBracket(text, at, 'unterminated array');
      push(parseBracket(text.slice(at + 1, end - 1)));
      at = end;
    } else {
      const { name, end } = readField(text, at);
      if (end === at)
        throw new JsonPathError(`unrecognized character in action: U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${character}'`);
      if (at === 0) throw new JsonPathError(`unrecognized identifier ${name}`);
      push({ type: 'field', name });
      at = end;
    }
  }
  if (recursive) push({ type: 'wildcard' });
  return steps;
}

/** Reads a template: text with expressions in braces. Throws JsonPathError. */
export function parseTemplate(template: string): readonly Part[] {
  const root: Part[] = [];
  const open: { readonly path: Path; readonly body: Part[] }[] = [];
  const add = (part: Part) => (open.at(-1)?.body ?? root).push(part);
  let at = 0;
  while (at < template.length) {
    const brace = template.indexOf('{', at);
    const text = template.slice(at, brace < 0 ? undefined : brace);
    if (text !== '') add({ type: 'text', text });
    if (brace < 0) break;
    const end = afterBracket(template, brace, 'unclosed action');
    const action = template.slice(brace + 1, end - 1).trim();
    at = end;
    if (/^range\b/.test(action)) {
      const over = action.slice('range'.length).trim();
      if (over === '') throw new JsonPathError('range needs an expression: {range .items[*]}');
      open.push({ path: parsePath(over), body: [] });
    } else if (action === 'end') {
      const ended = open.pop();
      if (!ended) throw new JsonPathError('not in range, nothing to end');
      add({ type: 'range', path: ended.path, body: ended.body });
    } else if (action !== '') add({ type: 'path', path: parsePath(action) });
  }
  if (open.length > 0) throw new JsonPathError('unexpected EOF: {range} without {end}');
  return root;
}
