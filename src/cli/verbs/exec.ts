import { isNotFound } from '../../apimachinery/index.ts';
import type { Pod } from '../../kinds/index.ts';
import { loadApps } from '../apps/app-view.ts';
import { isReady } from '../apps/pod-state.ts';
import { selectApps } from '../apps/targets.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { execSession } from '../kubernetes/exec-session.ts';
import { known } from '../refs.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover exec [-it] APP|POD|KIND/NAME [-c CONTAINER] -- COMMAND [ARGS]',
  summary: 'Run a command beside the process of a container: same network, files and environment.',
  examples: ['drover exec api -- env', 'drover exec -it pod/web-1 -n shop -- sh', 'drover exec web-1 -c sidecar -- curl -s localhost:8000/health'],
  options: {
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'of this namespace' },
    container: { type: 'string', short: 'c', value: 'NAME', help: 'in this container (default: the first)' },
    stdin: { type: 'boolean', short: 'i', help: 'pass the standard input on' },
    tty: { type: 'boolean', short: 't', help: 'with a terminal' },
  },
  notes: ['Exits with the exit code of the command.'],
  async run(context, args) {
    const [target, ...more] = args.words;
    const command = args.rest ?? more;
    if (!target || command.length === 0 || (args.rest && more.length > 0))
      throw new UsageError('expected a pod or app, then -- and a command', 'for instance: drover exec api -- env');
    const connection = await context.connect();
    const pod = await findPod(context, connection, args, target);
    const wantsTty = args.flag('tty');
    if (wantsTty && !context.io.stdinIsTty) context.notice('Unable to use a TTY - input is not a terminal');
    return await execSession(context, connection, {
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name ?? '',
      container: args.text('container'),
      command,
      stdin: args.flag('stdin'),
      tty: wantsTty && context.io.stdinIsTty,
    });
  },
};

async function findPod(context: Context, connection: Connection, args: Parsed, target: string): Promise<Pod> {
  const pods = known(connection.client, 'pods');
  const namespace = args.text('namespace') ?? connection.namespace;
  const explicit = /^(?:pods?|po)\/(.+)$/.exec(target)?.[1];
  try {
    return await pods.get(explicit ?? target, namespace, { signal: context.signal });
  } catch (error) {
    // Not a pod's name: it may be an app's.
    if (explicit !== undefined || !(isNotFound(error) || error instanceof TypeError)) throw error;
  }
  const [app] = selectApps([target], await loadApps(connection.client, args.text('namespace'), context.signal));
  const alive = app?.pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running') ?? [];
  const pod = alive.find(isReady) ?? alive[0];
  if (!pod) throw new CliError(`no replica of ${target} runs`, { hint: `start it with: drover start ${target}` });
  if (alive.length > 1) context.notice(`Using ${pod.metadata.name} of ${alive.length} replicas`);
  return pod;
}
