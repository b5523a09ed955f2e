import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';

const run = promisify(execFile);

const LIMIT_MS = 30_000;

/** Has the networks of the home taken off the machine, by the program that made them. Throws CliError when some are still there. */
export async function teardownNetwork({ home, programs }: Pick<Context, 'home' | 'programs'>): Promise<void> {
  if (!existsSync(home.network)) return;
  try {
    await run(process.execPath, [join(programs, 'daemon.js'), '--home', home.home, '--teardown'], { timeout: LIMIT_MS });
  } catch (cause) {
    throw new CliError(`all processes of ${home.home} have ended, but its networks are still on this machine`, { cause, hint: 'run "drover kill" again' });
  }
}
