import { parseArgs } from 'node:util';
import { nearest } from '../formats/index.ts';
import { errorText } from '../std/index.ts';
import { UsageError } from './errors.ts';

/** An option of a verb. `help` is one line; `value` names what it takes. */
interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
  readonly value?: string;
}

export interface OptionSpecs {
  readonly [name: string]: OptionSpec;
}

/** Options every verb takes. */
export const GLOBAL_OPTIONS: OptionSpecs = {
  context: { type: 'string', value: 'NAME', help: 'act on this context of a kubeconfig instead of the local daemon' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'the kubeconfig to use (its current context unless --context)' },
  home: { type: 'string', value: 'DIR', help: 'the home of the local daemon (default: DROVER_HOME, else by XDG)' },
  'no-color': { type: 'boolean', help: 'no colours' },
  quiet: { type: 'boolean', short: 'q', help: 'no progress and notices' },
  verbose: { type: 'boolean', help: 'show causes of failures' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

/** What was given: texts, flags and lists by option name, and the words that are no options. */
export interface Parsed {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  readonly words: readonly string[];
  /** What came after `--`, when there was one. */
  readonly rest: readonly string[] | undefined;
}

/** Parses a verb's arguments. Throws UsageError with the nearest known option. */
export function parseArguments(args: readonly string[], specs: OptionSpecs): Parsed {
  const options = { ...GLOBAL_OPTIONS, ...specs };
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [name, { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) }]),
  );
  let values: { readonly [name: string]: unknown };
  let words: readonly string[];
  try {
    const joined = joinNegative(own, options);
    // A word such as -2 (drover scale api -2) is a number and no option.
    const numbers = joined.filter((arg) => /^-\d+$/.test(arg));
    const parsed = parseArgs({ args: joined.filter((arg) => !numbers.includes(arg)), options: config, allowPositionals: true, strict: true });
    values = parsed.values;
    words = [...parsed.positionals, ...numbers];
  } catch (error) {
    throw usage(error, options);
  }
  return {
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? (values[name] as readonly string[]) : []),
    flag: (name) => values[name] === true,
    words,
    rest: end < 0 ? undefined : args.slice(end + 1),
  };
}

/** `-i -1` means a value; parseArgs would take it for an option. `-` alone stays a word. */
function joinNegative(args: readonly string[], options: OptionSpecs): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    const next = args[at + 1];
    const option = Object.entries(options).find(([name, { short }]) => arg === `--${name}` || arg === `-${short}`);
    if (option?.[1].type === 'string' && next !== undefined && /^-\d/.test(next)) {
      joined.push(`--${option[0]}=${next}`);
      at++;
    } else joined.push(arg);
  }
  return joined;
}

function usage(error: unknown, options: OptionSpecs): UsageError {
  const message = errorText(error);
  const unknown = /Unknown option '(-{1,2}[^']+)'/.exec(message)?.[1];
  if (!unknown) return new UsageError(message);
  const near = nearest(unknown.replace(/^-+/, ''), Object.keys(options));
  return new UsageError(`unknown option ${unknown}`, near && unknown.startsWith('--') ? `did you mean --${near}?` : undefined);
}

/** The help text's list of options. */
export function optionLines(specs: OptionSpecs): readonly string[] {
  const left = Object.entries(specs).map(([name, { short, value }]) => `  ${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`);
  const width = Math.min(34, Math.max(...left.map((text) => text.length)));
  return Object.values(specs).map(({ help }, index) => `${(left[index] ?? '').padEnd(width)}  ${help}`);
}
