import { StatusError } from '../apimachinery/index.ts';
import { KubeconfigError, TransportError } from '../client/index.ts';
import { nearest } from '../formats/index.ts';
import { GLOBAL_OPTIONS, parseArguments } from './arguments.ts';
import { createContext, type Surroundings } from './create-context.ts';
import { CliError, UsageError } from './errors.ts';
import { overview, verbHelp } from './help.ts';
import { painter, wantsColor } from './io.ts';
import type { VerbEntry } from './verb.ts';
import { VERBS } from './verbs/index.ts';

/** Runs one command and returns its exit code: 0 done, 1 failure, 2 usage, 130 interrupted; exec passes the command's. */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { io, signal } = surroundings;
  try {
    return await runVerb(argv, surroundings);
  } catch (error) {
    if (signal.aborted) return 130;
    const paint = painter(wantsColor(io, io.stderrIsTty, argv.includes('--no-color')));
    io.stderr.write(`${paint('red', 'error:')} ${describeFailure(error, argv.includes('--verbose'))}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}

async function runVerb(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { leading, name, rest } = splitVerb(argv);
  const { io } = surroundings;
  if (name === undefined || name === 'help') {
    if (leading.includes('--version') || leading.includes('-v')) return runVerb(['version'], surroundings);
    const asked = name === 'help' ? rest.find((word) => !word.startsWith('-')) : undefined;
    if (asked !== undefined) return runVerb([asked, '--help'], surroundings);
    io.stdout.write(overview(VERBS));
    return 0;
  }
  const entry = findVerb(name, leading);
  const verb = await entry.load();
  const own = [...leading, ...rest];
  const end = own.indexOf('--');
  if ((end < 0 ? own : own.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')) {
    io.stdout.write(verbHelp(entry, verb));
    return 0;
  }
  let args: ReturnType<typeof parseArguments>;
  try {
    args = parseArguments(own, verb.options);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message, error.hint ?? `see drover ${entry.name} --help`);
    throw error;
  }
  const context = createContext(surroundings, args);
  try {
    return await verb.run(context, args);
  } finally {
    await context.close();
  }
}

/** Global options may stand before the verb. */
function splitVerb(argv: readonly string[]): { readonly leading: readonly string[]; readonly name: string | undefined; readonly rest: readonly string[] } {
  let at = 0;
  while (at < argv.length && argv[at]?.startsWith('-')) {
    const option = GLOBAL_OPTIONS[(argv[at] as string).replace(/^--/, '')];
    at += option?.type === 'string' ? 2 : 1;
  }
  return { leading: argv.slice(0, at), name: argv[at], rest: argv.slice(at + 1) };
}

function findVerb(name: string, leading: readonly string[]): VerbEntry {
  const entry = VERBS.find((verb) => verb.name === name || verb.aliases?.includes(name));
  if (entry) return entry;
  // After an option that is not known its value looks like a command: the option is what is wrong.
  parseArguments(leading, {});
  const near = nearest(
    name,
    VERBS.flatMap((verb) => [verb.name, ...(verb.aliases ?? [])]),
  );
  throw new UsageError(`there is no command "${name}"`, near ? `did you mean: drover ${near}` : 'see drover help');
}

function describeFailure(error: unknown, verbose: boolean): string {
  const lines: string[] = [];
  if (error instanceof CliError) {
    lines.push(error.message);
    if (error.hint) lines.push(error.hint);
  } else if (error instanceof StatusError) {
    // Kubernetes users know this form: Error from server (NotFound): …
    lines.push(`from server (${error.reason}): ${error.message}`);
  } else if (error instanceof TransportError || error instanceof KubeconfigError) {
    lines.push(error.message);
  } else lines.push(error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error));
  if (verbose)
    for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
      lines.push(`caused by ${cause.stack ?? cause.message}`);
  return lines.join('\n');
}
