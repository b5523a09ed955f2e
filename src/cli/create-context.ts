import { resolve } from 'node:path';
import { type Clock, defaultHome, homePaths } from '../std/index.ts';
import type { Parsed } from './arguments.ts';
import { localConnection, socketAnswers } from './connection.ts';
import type { Connection, Context } from './context.ts';
import { CliError } from './errors.ts';
import { type Io, painter, wantsColor } from './io.ts';

/** What the program hands to the command line. */
export interface Surroundings {
  readonly io: Io;
  readonly clock: Clock;
  /** Directory of the built programs. */
  readonly programs: string;
  readonly signal: AbortSignal;
  /** Tests give their own; default by flags. */
  readonly connection?: Connection;
}

/** The context of one call, from its global options. Nothing is opened yet. */
export function createContext(surroundings: Surroundings, args: Parsed): Context & { close(): Promise<void> } {
  const { io, clock } = surroundings;
  const given = args.text('home');
  const home = homePaths(given ? resolve(io.cwd, given) : defaultHome(io.env));
  const remote = args.text('context') !== undefined || args.text('kubeconfig') !== undefined;
  const quiet = args.flag('quiet');
  const paint = painter(wantsColor(io, io.stdoutIsTty, args.flag('no-color')));
  const paintError = painter(wantsColor(io, io.stderrIsTty, args.flag('no-color')));
  let connection: Promise<Connection> | undefined;

  async function open(start: boolean): Promise<Connection> {
    if (surroundings.connection) return surroundings.connection;
    if (remote) {
      const { kubeconfigConnection } = await import('./kubeconfig-connection.ts');
      return kubeconfigConnection({ kubeconfig: args.text('kubeconfig'), context: args.text('context') }, io.env, clock);
    }
    if (!(await socketAnswers(home.apiSocket))) {
      if (!start) throw new CliError(`no daemon runs for ${home.home}`, { hint: 'start it with: drover daemon start' });
      const { startDaemon } = await import('./daemon/start-daemon.ts');
      await startDaemon(context);
    }
    return localConnection(home, clock);
  }

  const context = {
    io,
    clock,
    home,
    programs: surroundings.programs,
    signal: surroundings.signal,
    paint,
    paintError,
    quiet,
    verbose: args.flag('verbose'),
    remote,
    connect(options: { readonly start?: boolean } = {}) {
      connection ??= open(options.start ?? true).catch((error: unknown) => {
        connection = undefined;
        throw error;
      });
      return connection;
    },
    print(text: string) {
      io.stdout.write(`${text}\n`);
    },
    notice(text: string) {
      if (!quiet) io.stderr.write(`${text}\n`);
    },
    warn(text: string) {
      io.stderr.write(`${paintError('yellow', 'Warning:')} ${text}\n`);
    },
    async close() {
      if (!connection) return;
      // A connection that could not be made has nothing to close, and was reported where it was asked for.
      const made = await connection.catch(() => undefined);
      await made?.client.close();
    },
  };
  return context;
}
