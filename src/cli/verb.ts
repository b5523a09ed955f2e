import type { OptionSpecs, Parsed } from './arguments.ts';
import type { Context } from './context.ts';

/** One verb, loaded when called. */
export interface Verb {
  /** How it is called, for instance `drover start SCRIPT|FILE|COMMAND [-- ARGS]`. */
  readonly usage: string;
  readonly summary: string;
  /** Shown first in its help. */
  readonly examples: readonly string[];
  readonly options: OptionSpecs;
  /** More lines for the help. */
  readonly notes?: readonly string[];
  /** Returns the exit code. Throws CliError. */
  run(context: Context, args: Parsed): Promise<number>;
}

/** A line of the verb table: enough for help, completion and suggestions without loading the verb. */
export interface VerbEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: 'apps' | 'kubernetes' | 'daemon' | 'other';
  readonly summary: string;
  load(): Promise<Verb>;
}
