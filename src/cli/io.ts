import type { Readable, Writable } from 'node:stream';

/** Everything a verb may touch of its surroundings, so that tests can give their own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Width of the terminal; 80 when there is none. */
  readonly columns: number;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stdinIsTty: process.stdin.isTTY === true,
  stdoutIsTty: process.stdout.isTTY === true,
  stderrIsTty: process.stderr.isTTY === true,
  columns: process.stdout.columns || 80,
  env: process.env,
  cwd: process.cwd(),
});

/** Colours of a stream: FORCE_COLOR over NO_COLOR, --no-color, TERM=dumb and not being a terminal. */
export function wantsColor(io: Io, isTty: boolean, noColor: boolean): boolean {
  const { env } = io;
  if (noColor) return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false') return true;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return isTty && env['TERM'] !== 'dumb';
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';
export type Paint = (style: Style, text: string) => string;

const CODES: { readonly [style in Style]: number } = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

/** Colours text, or leaves it as it is. */
export const painter = (on: boolean): Paint => (on ? (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m` : (_style, text) => text);
