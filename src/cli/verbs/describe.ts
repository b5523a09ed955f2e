import { humanAge, type KubeObject } from '../../apimachinery/index.ts';
import { SCRIPT_ANNOTATION } from '../../formats/index.ts';
import type { Deployment, Event, Pod } from '../../kinds/index.ts';
import { type AppView, loadApps } from '../apps/app-view.ts';
import { podProblem, replicaState, restartsOf } from '../apps/pod-state.ts';
import { processFacts } from '../apps/process-facts.ts';
import { selectApps } from '../apps/targets.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { deploymentBlock } from '../describe/deployment.ts';
import { genericBlock } from '../describe/generic.ts';
import { type Block, block, describeLines, type Entry } from '../describe/lines.ts';
import { podBlock } from '../describe/pod.ts';
import { CliError, UsageError } from '../errors.ts';
import { discover, findResource, type Resource } from '../kubernetes/discovery.ts';
import { parseResourceWords } from '../kubernetes/resource-words.ts';
import { memoryText } from '../output/age.ts';
import { textTable } from '../output/text-table.ts';
import { known } from '../refs.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover describe APP|ID | KIND [NAME] | KIND/NAME',
  summary: 'Show all about an app, or about a Kubernetes object with its events.',
  examples: ['drover describe api', 'drover describe pod web-1 -n shop', 'drover describe deployment/web'],
  options: {
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'of this namespace' },
    'all-namespaces': { type: 'boolean', short: 'A', help: 'of all namespaces' },
    selector: { type: 'string', short: 'l', value: 'LABELS', help: 'objects with these labels' },
  },
  async run(context, args) {
    const [first] = args.words;
    if (first === undefined) throw new UsageError('name an app, or a kind of object');
    const connection = await context.connect();
    const resources = await discover(connection.transport, context.signal);
    const isKind = findResource(first.split('/')[0]?.split(',')[0] ?? '', resources) !== undefined;
    if (isKind) return await describeObjects(context, connection, args, resources);
    const apps = await loadApps(connection.client, args.text('namespace'), context.signal);
    const texts: string[] = [];
    for (const app of selectApps(args.words, apps)) texts.push(describeLines(await appBlock(context, connection, app)).join('\n'));
    context.print(texts.join('\n\n'));
    return 0;
  },
};

async function describeObjects(context: Context, connection: Connection, args: Parsed, resources: readonly Resource[]): Promise<number> {
  const texts: string[] = [];
  const { signal } = context;
  const selector = args.text('selector');
  for (const { resource, names } of parseResourceWords(args.words, resources)) {
    const client = connection.client.dynamic(resource);
    const namespace = resource.namespaced && !args.flag('all-namespaces') ? (args.text('namespace') ?? connection.namespace) : undefined;
    const objects =
      names.length > 0
        ? await Promise.all(names.map((name) => client.get(name, namespace, { signal })))
        : (await client.list({ signal, ...(namespace ? { namespace } : {}), ...(selector ? { labelSelector: selector } : {}) })).items;
    for (const object of objects) {
      const content = await objectBlock(context, connection, object);
      const events = resource.plural === 'events' ? [] : await eventsAbout(context, connection, object);
      texts.push([...describeLines(content), ...(resource.plural === 'events' ? [] : eventLines(events, context.clock.now()))].join('\n'));
    }
  }
  if (texts.length === 0) throw new CliError('there is nothing of that kind here');
  context.print(texts.join('\n\n\n'));
  return 0;
}

async function objectBlock(context: Context, connection: Connection, object: KubeObject): Promise<Block> {
  if (object.kind === 'Pod') return podBlock(object as Pod);
  if (object.kind !== 'Deployment') return genericBlock(object);
  const { items } = await known(connection.client, 'replicasets').list({ namespace: object.metadata.namespace ?? '', signal: context.signal });
  return deploymentBlock(
    object as Deployment,
    items.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)),
  );
}

async function eventsAbout(context: Context, connection: Connection, object: KubeObject): Promise<readonly Event[]> {
  const { uid, namespace } = object.metadata;
  const { items } = await known(connection.client, 'events').list({
    fieldSelector: `involvedObject.uid=${uid}`,
    signal: context.signal,
    ...(namespace ? { namespace } : {}),
  });
  return [...items].sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''));
}

function eventLines(events: readonly Event[], nowMs: number): readonly string[] {
  if (events.length === 0) return ['Events:  <none>'];
  const rows = events.map((event) => {
    const age = humanAge(event.lastTimestamp, nowMs);
    const seen = (event.count ?? 1) > 1 ? `${age} (x${event.count} over ${humanAge(event.firstTimestamp, nowMs)})` : age;
    return [event.type ?? '', event.reason ?? '', seen, event.source?.component ?? event.reportingComponent ?? '', (event.message ?? '').trim()];
  });
  const rules = ['Type', 'Reason', 'Age', 'From', 'Message'];
  return [
    'Events:',
    ...textTable(rules, [rules.map((title) => '-'.repeat(Math.max(4, title.length))), ...rows])
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

/** An app in PM2's words: how it is run, and each replica. */
async function appBlock(context: Context, connection: Connection, app: AppView): Promise<Block> {
  const template = app.deployment.spec?.template;
  const container = template?.spec?.containers?.[0];
  const facts = connection.local ? await processFacts(connection.local, app.pods, context.clock) : new Map();
  const annotations = Object.entries(template?.metadata?.annotations ?? {}).filter(([key]) => key.startsWith('drover.dev/') && key !== 'drover.dev/app-name');
  const logs = connection.local ? [['log files', `${connection.local.logs}/pods/${app.namespace}_${app.objectName}-*`] as const] : [];
  return block([
    ['name', app.name],
    ['namespace', app.namespace],
    ['object', `deployment/${app.objectName}`],
    ['mode', app.mode],
    [
      'replicas',
      `${app.deployment.spec?.replicas ?? 1} wanted, ${app.deployment.status?.readyReplicas ?? 0} ready${app.stoppedReplicas === undefined ? '' : ` (stopped; ${app.stoppedReplicas} when started)`}`,
    ],
    ['version', app.version ?? 'N/A'],
    ['script', app.deployment.metadata.annotations?.[SCRIPT_ANNOTATION] ?? container?.image ?? ''],
    ['command', [...(container?.command ?? []), ...(container?.args ?? [])].join(' ') || '<of the image>'],
    ['cwd', container?.workingDir ?? '<of the image>'],
    ...annotations.map(([key, value]): Entry => [key.slice('drover.dev/'.length), value]),
    ...logs,
    ['created at', app.deployment.metadata.creationTimestamp ?? ''],
    [
      'replicas now',
      app.pods.length === 0
        ? '<none>'
        : block(
            app.pods.map((pod, index): Entry => {
              const problem = podProblem(pod);
              const known = facts.get(pod.metadata.uid ?? '');
              const process = known ? `, pid ${known.pid}${known.memoryBytes === undefined ? '' : `, ${memoryText(known.memoryBytes)}`}` : '';
              const id = app.ids[index] === undefined ? '' : `${app.ids[index]}: `;
              return `${id}${pod.metadata.name}: ${replicaState(pod)}, ${restartsOf(pod)} restarts${process}${problem ? `; ${problem.reason}${problem.message ? `: ${problem.message}` : ''}` : ''}`;
            }),
          ),
    ],
  ]);
}
