import { nearest } from '../../formats/index.ts';
import { socketAnswers } from '../connection.ts';
import type { Context } from '../context.ts';
import { callShim, type ProgramStatus } from '../daemon/shim-client.ts';
import { isReady, startDaemon } from '../daemon/start-daemon.ts';
import { CliError, UsageError } from '../errors.ts';
import { uptime } from '../output/age.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover daemon start [--wait] | stop | restart | status',
  summary: 'Start and stop the daemon; apps run on without it.',
  examples: ['drover daemon start --wait', 'drover daemon stop', 'drover daemon restart', 'drover daemon status'],
  options: { wait: { type: 'boolean', help: 'start: return when /readyz answers 200 (done anyway)' } },
  async run(context, args) {
    const [action = 'status', ...more] = args.words;
    const run = ACTIONS[action];
    if (!run || more.length > 0) {
      const near = nearest(action, Object.keys(ACTIONS));
      throw new UsageError(
        `expected one of ${Object.keys(ACTIONS).join(', ')}, got "${args.words.join(' ')}"`,
        near && !run ? `did you mean: drover daemon ${near}` : undefined,
      );
    }
    if (context.remote) throw new UsageError('the daemon is this machine’s; --context and --kubeconfig name another cluster');
    return await run(context);
  },
};

const ACTIONS: { readonly [name: string]: (context: Context) => Promise<number> } = {
  async start(context) {
    if (await socketAnswers(context.home.apiSocket)) {
      if (!(await isReady(context.home, context.clock))) await startDaemon(context);
      context.print(`The daemon of ${context.home.home} is running.`);
      return 0;
    }
    await startDaemon(context);
    context.print(`The daemon of ${context.home.home} was started.`);
    return 0;
  },
  async stop(context) {
    const answer = await callShim(context.home, context.clock, 'daemon.stop', {});
    context.print(answer ? `The daemon of ${context.home.home} was stopped. Apps run on.` : `No daemon runs for ${context.home.home}.`);
    return 0;
  },
  async restart(context) {
    const answer = await callShim(context.home, context.clock, 'daemon.restart', {});
    if (!answer) await startDaemon(context);
    for (const startMs = context.clock.monotonic(); !(await isReady(context.home, context.clock)); await context.clock.sleep(25, context.signal)) {
      if (context.clock.monotonic() - startMs > 30_000)
        throw new CliError('the daemon did not get ready within 30 s', { hint: `see ${context.home.daemonLog}` });
    }
    context.print(`The daemon of ${context.home.home} was restarted. Apps ran on.`);
    return 0;
  },
  async status(context) {
    const status = await callShim(context.home, context.clock, 'status', {});
    context.print(`home    ${context.home.home}`);
    if (!status) {
      context.print('shim    not running');
      return 1;
    }
    context.print(
      `shim    running, pid ${status.pid}, version ${status.version}, up ${uptime(context.clock.now() - status.startedAtMs)}, ${status.running} processes`,
    );
    context.print(`daemon  ${programText(status.daemon)}`);
    context.print(`proxy   ${programText(status.proxy)}`);
    const ready = await isReady(context.home, context.clock);
    context.print(`API     ${ready ? 'ready' : 'not ready'}, ${context.home.apiSocket}`);
    return ready ? 0 : 1;
  },
};

/** `running, pid 12, 1 restart (last: exit code 1)`. */
export const programText = ({ state, pid, restarts, lastExit }: ProgramStatus): string =>
  [state, ...(pid === undefined ? [] : [`pid ${pid}`]), `${restarts} restart${restarts === 1 ? '' : 's'}${lastExit ? ` (last: ${lastExit})` : ''}`].join(', ');
