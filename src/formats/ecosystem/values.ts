/** Reads a PM2 value, or says what was expected instead. */
export type Read<T> = { readonly value: T } | { readonly expected: string };

const UNITS: { readonly [unit: string]: number } = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** 1600, "1600", "10s", "1m", "1h". */
export function readMilliseconds(value: unknown): Read<number> {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(String(value).trim());
  if ((typeof value !== 'number' && typeof value !== 'string') || !match) return { expected: 'milliseconds, or a time such as 10s, 1m or 1h' };
  return { value: Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1)) };
}

/** More than any machine runs: a slip of the keyboard is not tried. */
export const MAX_INSTANCES = 10_000;

/** max, 0 (all cores), -1 (all but one), 4. */
export function readInstances(value: unknown, cores: number): Read<number> {
  if (value === 'max') return { value: cores };
  const count = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count)) return { expected: "a whole number or 'max'" };
  if (count > MAX_INSTANCES) return { expected: `a whole number up to ${MAX_INSTANCES} or 'max'` };
  return { value: count > 0 ? count : Math.max(1, cores + count) };
}

export function readCount(value: unknown): Read<number> {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? { value: count } : { expected: 'a whole number of 0 or more' };
}

export function readBoolean(value: unknown): Read<boolean> {
  if (value === true || value === 'true') return { value: true };
  if (value === false || value === 'false') return { value: false };
  return { expected: 'true or false' };
}

export const readString = (value: unknown): Read<string> =>
  typeof value === 'string' && value !== '' ? { value } : typeof value === 'number' ? { value: String(value) } : { expected: 'a text' };

/** A list of texts, or one text that is split as a shell would (quotes and backslashes, nothing else). */
export function readWords(value: unknown): Read<readonly string[]> {
  if (Array.isArray(value)) {
    const words = value as readonly unknown[];
    return words.every((word) => typeof word === 'string' || typeof word === 'number') ? { value: words.map(String) } : { expected: 'a list of texts' };
  }
  if (typeof value === 'number') return { value: [String(value)] };
  if (typeof value !== 'string') return { expected: 'a text or a list of texts' };
  const words = splitWords(value);
  return words ? { value: words } : { expected: 'a text whose quotes are closed' };
}

/** Splits a line into words as a shell does for quotes and backslashes. Undefined when a quote stays open. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === '\\' && quote !== "'" && at + 1 < line.length) word = (word ?? '') + line[++at];
    else if (quote) {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** Variables by name; numbers and booleans become texts, null and undefined leave the variable out, anything else is JSON as PM2 writes it. */
export function readEnvironment(value: unknown): Read<{ readonly [name: string]: string }> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { expected: 'variables by name, as { NODE_ENV: "production" }' };
  const read: { [name: string]: string } = {};
  for (const [name, one] of Object.entries(value)) {
    if (!VARIABLE_NAME.test(name)) return { expected: `names of variables (letters, digits, _, -, .), not ${JSON.stringify(name)}` };
    if (one !== null && one !== undefined) read[name] = typeof one === 'object' ? JSON.stringify(one) : String(one);
  }
  return { value: read };
}

/** What Kubernetes takes as the name of an environment variable. */
export const VARIABLE_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
