import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unixSocketTransport } from '../../client/index.ts';
import { type Clock, errorText, type HomePaths } from '../../std/index.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { lastLines } from './last-lines.ts';
import { callShim } from './shim-client.ts';

const LIMIT_MS = 30_000;
const TELL_AFTER_MS = 1_000;

/** Starts the home's daemon (through its shim, which is started when none runs) and resolves when the API is ready. What was started stays. */
export async function startDaemon(context: Pick<Context, 'home' | 'programs' | 'clock' | 'signal' | 'notice'>): Promise<void> {
  const { home, clock } = context;
  let exit: string | undefined;
  // A shim that runs already (its daemon was stopped) is told to start one; otherwise a shim is started, which does.
  if ((await callShim(home, clock, 'daemon.start', {})) === undefined) {
    const child = spawnShim(home, context.programs);
    child.on('exit', (code, signal) => {
      exit = signal ? `was killed by ${signal}` : `exited with code ${code}`;
    });
    child.on('error', (error) => {
      exit = `could not be started: ${error.message}`;
    });
  }
  const startMs = clock.monotonic();
  let told = false;
  let endedMs: number | undefined;
  while (!(await isReady(home, clock))) {
    context.signal.throwIfAborted();
    const nowMs = clock.monotonic();
    if (!told && nowMs - startMs > TELL_AFTER_MS) {
      told = true;
      context.notice(`Starting the daemon of ${home.home} …`);
    }
    // Another command may have started one at the same moment: then ours ends, and theirs answers soon.
    if (exit !== undefined) endedMs ??= nowMs;
    if (nowMs - startMs > LIMIT_MS || (endedMs !== undefined && nowMs - endedMs > 3_000)) throw await startFailure(home, exit);
    if (nowMs - startMs > 2_000) exit ??= await crashLoop(home, clock);
    await clock.sleep(nowMs - startMs < 1_000 ? 15 : 100, context.signal);
  }
  if (told) context.notice(`The daemon is ready after ${((clock.monotonic() - startMs) / 1_000).toFixed(1)} s.`);
}

/** A daemon that ends again and again will not get ready by waiting for it. */
async function crashLoop(home: HomePaths, clock: Clock): Promise<string | undefined> {
  // A shim that is only just starting does not answer yet.
  const status = await callShim(home, clock, 'status', {}, 2_000).catch(() => undefined);
  return status && status.daemon.restarts >= 3
    ? `started the daemon ${status.daemon.restarts + 1} times, and it ended each time (${status.daemon.lastExit ?? 'unknown'})`
    : undefined;
}

/** As mkdir -p. Node's own recursive mkdir never returns where the file system answers ENOENT to a directory whose parent exists (/proc). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another command may have made it at the same moment.
    if (!existsSync(path)) throw error;
  }
}

function spawnShim(home: HomePaths, programs: string): ChildProcess {
  try {
    for (const directory of [home.home, home.run, home.logs]) makeDirectory(directory);
    const log = openSync(home.shimLog, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [join(programs, 'shim.js'), '--home', home.home], {
        detached: true,
        stdio: ['ignore', log, log],
        cwd: '/',
        env: { ...process.env, DROVER_HOME: home.home },
      });
      child.unref();
      return child;
    } finally {
      closeSync(log);
    }
  } catch (cause) {
    throw new CliError(`cannot use the home ${home.home}: ${errorText(cause)}`, {
      cause,
      hint: 'name another directory with --home or DROVER_HOME',
    });
  }
}

/** Whether /readyz answers 200 within a second. */
export async function isReady(home: HomePaths, clock: Clock): Promise<boolean> {
  const transport = unixSocketTransport(home.apiSocket);
  const limit = new AbortController();
  const timer = clock.after(1_000, () => limit.abort(new Error('no answer within 1 s')));
  try {
    return (await transport.request({ method: 'GET', path: '/readyz', signal: limit.signal })).status === 200;
  } catch {
    // Not there yet is the ordinary answer here.
    return false;
  } finally {
    timer.close();
    await transport.close();
  }
}

async function startFailure(home: HomePaths, exit: string | undefined): Promise<CliError> {
  const logs = [home.shimLog, home.daemonLog].flatMap((file) => {
    const lines = lastLines(file, 15);
    return lines.length > 0 ? [`--- last lines of ${file}`, ...lines] : [];
  });
  const what = exit ? `the shim ${exit}` : `the API did not get ready within ${LIMIT_MS / 1_000} s`;
  return new CliError([`the daemon of ${home.home} did not start: ${what}`, ...logs].join('\n'));
}
