import type { Pod } from '../../kinds/index.ts';
import { loadApps } from '../apps/app-view.ts';
import { selectApps } from '../apps/targets.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { appSelection } from '../logs/follow-apps.ts';
import { followLogs, type LogSelection, printLogs, type ShowOptions } from '../logs/show-logs.ts';
import { known } from '../refs.ts';
import { countOption, secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover logs [APP|POD|deployment/NAME …] [OPTIONS]',
  summary: 'Show the output of apps: of every replica, the last 15 lines and then what comes.',
  examples: [
    'drover logs',
    'drover logs api --lines 100',
    'drover logs api --err --nostream',
    'drover logs -l tier=backend -n shop',
    'drover logs api --previous',
  ],
  options: {
    lines: { type: 'string', value: 'N', help: 'lines of history (default 15)' },
    tail: { type: 'string', value: 'N', help: 'the same, as kubectl calls it; -1: all' },
    err: { type: 'boolean', help: 'the error output only' },
    out: { type: 'boolean', help: 'the standard output only' },
    raw: { type: 'boolean', help: 'the lines alone, without a prefix' },
    json: { type: 'boolean', help: 'each line as a JSON object' },
    timestamps: { type: 'boolean', help: 'the time of each line' },
    timestamp: { type: 'boolean', help: 'the same, as PM2 calls it' },
    nostream: { type: 'boolean', help: 'only what there is; do not follow' },
    follow: { type: 'boolean', short: 'f', help: 'follow (the default)' },
    previous: { type: 'boolean', short: 'p', help: 'of the run before the last restart' },
    since: { type: 'string', value: 'TIME', help: 'only lines younger than 10m, 1h, …' },
    'since-time': { type: 'string', value: 'RFC3339', help: 'only lines after this time' },
    selector: { type: 'string', short: 'l', value: 'LABELS', help: 'pods with these labels' },
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'pods of this namespace' },
    'all-namespaces': { type: 'boolean', short: 'A', help: 'with -l: pods of all namespaces' },
    container: { type: 'string', short: 'c', value: 'NAME', help: 'this container (default: all)' },
    'all-containers': { type: 'boolean', help: 'every container (the default)' },
  },
  async run(context, args) {
    const options = showOptions(args);
    const connection = await context.connect();
    const { selection, pods } = await select(context, connection, args);
    if (options.follow && !options.previous) return await followLogs(context, connection, selection, options);
    const chosen = pods.filter((pod) => selection.wanted(pod));
    if (chosen.length === 0) throw new CliError('there are no pods to read logs of');
    return await printLogs(context, connection, chosen, selection, options);
  },
};

function showOptions(args: Parsed): ShowOptions {
  if (args.flag('err') && args.flag('out')) throw new UsageError('--err and --out exclude each other; without them both are shown');
  const tail = args.text('tail') === '-1' ? undefined : (countOption(args, 'tail') ?? countOption(args, 'lines') ?? (args.flag('previous') ? undefined : 15));
  return {
    format: args.flag('json') ? 'json' : args.flag('raw') ? 'raw' : 'prefixed',
    timestamps: args.flag('timestamps') || args.flag('timestamp'),
    follow: !args.flag('nostream'),
    previous: args.flag('previous'),
    tailLines: tail,
    sinceSeconds: args.text('since') === undefined ? undefined : Math.ceil(secondsOption(args, 'since', 0)),
    sinceTime: args.text('since-time'),
    stream: args.flag('err') ? 'Stderr' : args.flag('out') ? 'Stdout' : 'All',
    container: args.text('container'),
  };
}

async function select(context: Context, connection: Connection, args: Parsed): Promise<{ readonly selection: LogSelection; readonly pods: readonly Pod[] }> {
  const { client } = connection;
  const namespace = args.text('namespace');
  const selector = args.text('selector');
  if (selector !== undefined) {
    const scope = args.flag('all-namespaces') ? undefined : (namespace ?? connection.namespace);
    const query = { labelSelector: selector, signal: context.signal, ...(scope ? { namespace: scope } : {}) };
    const { items } = await known(client, 'pods').list(query);
    return {
      selection: { namespace: scope, labelSelector: selector, wanted: () => true, describe: (pod) => ({ label: pod.metadata.name ?? '' }) },
      pods: items,
    };
  }
  const apps = await loadApps(client, namespace, context.signal);
  if (args.words.length === 0) return { selection: appSelection(apps), pods: apps.flatMap((app) => app.pods) };
  const named = await podsNamed(context, connection, args.words, namespace);
  if (named) {
    const keys = new Set(named.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    return {
      selection: {
        namespace: named[0]?.metadata.namespace,
        labelSelector: undefined,
        wanted: ({ metadata }) => keys.has(`${metadata.namespace}/${metadata.name}`),
        describe: (pod) => ({ label: pod.metadata.name ?? '' }),
      },
      pods: named,
    };
  }
  const selected = selectApps(args.words, apps);
  return { selection: appSelection(selected), pods: selected.flatMap((app) => app.pods) };
}

/** The pods behind words, when each names one (`pod/x`, or a pod's full name). */
async function podsNamed(
  context: Context,
  connection: Connection,
  words: readonly string[],
  namespace: string | undefined,
): Promise<readonly Pod[] | undefined> {
  const names = words.map((word) => word.replace(/^(?:pods?|po)\//, ''));
  const explicit = words.some((word) => /^(?:pods?|po)\//.test(word));
  const { items } = await known(connection.client, 'pods').list({
    signal: context.signal,
    ...(namespace || explicit ? { namespace: namespace ?? connection.namespace } : {}),
  });
  const found = names.map((name) => items.find(({ metadata }) => metadata.name === name));
  if (found.every((pod) => pod !== undefined)) return found;
  if (explicit) throw new CliError(`there is no pod "${names.find((_name, index) => !found[index])}" in namespace ${namespace ?? connection.namespace}`);
  return undefined;
}
