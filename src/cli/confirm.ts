import { createInterface } from 'node:readline/promises';
import type { Context } from './context.ts';
import { UsageError } from './errors.ts';

/** Asks on a terminal; elsewhere `--yes` must have been given. */
export async function confirm(context: Context, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!context.io.stdinIsTty) throw new UsageError(`${question} Pass --yes to do it without being asked.`);
  const lines = createInterface({ input: context.io.stdin, output: context.io.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: context.signal })).trim());
  } finally {
    lines.close();
  }
}
