import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { loadApps } from '../apps/app-view.ts';
import { selectApps } from '../apps/targets.ts';
import { waitForRollout } from '../apps/wait-rollout.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { textTable } from '../output/text-table.ts';
import { known } from '../refs.ts';
import { countOption, secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

interface Target {
  readonly name: string;
  readonly namespace: string;
}

export const verb: Verb = {
  usage: 'drover rollout status|history|undo|restart|pause|resume APP|deployment/NAME',
  summary: 'Watch, undo and steer the change from one version of a Deployment to the next.',
  examples: ['drover rollout status deployment/web -n shop', 'drover rollout history api', 'drover rollout undo api --to-revision=2'],
  options: {
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'of this namespace' },
    timeout: { type: 'string', value: 'TIME', help: 'status: how long to wait (default: until the progress deadline)' },
    watch: { type: 'boolean', short: 'w', help: 'status: wait until done (the default)' },
    'to-revision': { type: 'string', value: 'N', help: 'undo: to this revision (default: the one before)' },
    revision: { type: 'string', value: 'N', help: 'history: show the template of this revision' },
  },
  async run(context, args) {
    const [action, ...words] = args.words;
    const run = action === undefined ? undefined : ACTIONS[action];
    if (!run) throw new UsageError(`expected one of ${Object.keys(ACTIONS).join(', ')}${action ? `, got "${action}"` : ''}`);
    const connection = await context.connect();
    let code = 0;
    for (const target of await targetsOf(context, connection, args, words)) code = Math.max(code, await run(context, connection, target, args));
    return code;
  },
};

const ACTIONS: { readonly [name: string]: (context: Context, connection: Connection, target: Target, args: Parsed) => Promise<number> } = {
  async status(context, connection, target, args) {
    const limitMs = secondsOption(args, 'timeout', 86_400) * 1_000;
    const result = await waitForRollout(context, connection, target, { limitMs, progress: context.print, failFast: false });
    if (!result.ready) throw new CliError(result.why);
    context.print(`deployment "${target.name}" successfully rolled out`);
    return 0;
  },
  async history(context, connection, target, args) {
    const { sets } = await revisions(context, connection, target);
    const wanted = countOption(args, 'revision');
    context.print(`deployment.apps/${target.name}${wanted === undefined ? '' : ` with revision #${wanted}`}`);
    if (wanted === undefined) {
      context.print(
        `${textTable(
          ['REVISION', 'CHANGE-CAUSE'],
          sets.map(({ revision, set }) => [String(revision), set.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>']),
        )}\n`,
      );
      return 0;
    }
    const { toYaml } = await import('../../apimachinery/index.ts');
    context.print(toYaml(findRevision(sets, wanted, target).spec?.template ?? {}).trimEnd());
    return 0;
  },
  async undo(context, connection, target, args) {
    const { deployment, sets } = await revisions(context, connection, target);
    if (deployment.spec?.paused)
      throw new CliError(`you cannot rollback a paused deployment; resume it first with: drover rollout resume deployment/${target.name}`);
    const current = Number(deployment.metadata.annotations?.[REVISION] ?? 0);
    const asked = countOption(args, 'to-revision');
    const previous = sets.filter(({ revision }) => revision < current).at(-1);
    if ((asked === undefined || asked === 0) && !previous) throw new CliError(`no rollout history found for deployment "${target.name}"`);
    const set = asked ? findRevision(sets, asked, target) : previous?.set;
    const { 'pod-template-hash': _hash, ...labels } = set?.spec?.template?.metadata?.labels ?? {};
    const template = { ...set?.spec?.template, metadata: { ...set?.spec?.template?.metadata, labels } };
    const cause = set?.metadata.annotations?.[CHANGE_CAUSE];
    const patch = [
      { op: 'test', path: '/metadata/uid', value: deployment.metadata.uid },
      { op: 'replace', path: '/spec/template', value: template },
      ...(cause === undefined ? [] : [{ op: 'add', path: `/metadata/annotations/${CHANGE_CAUSE.replace('/', '~1')}`, value: cause }]),
    ];
    await known(connection.client, 'deployments').patch(target.name, target.namespace, patch, {
      type: 'json',
      onWarning: context.warn,
      signal: context.signal,
    });
    context.print(`deployment.apps/${target.name} rolled back`);
    return 0;
  },
  async restart(context, connection, target) {
    const patch = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': rfc3339(context.clock.now()) } } } } };
    await known(connection.client, 'deployments').patch(target.name, target.namespace, patch, {
      type: 'strategic',
      onWarning: context.warn,
      signal: context.signal,
    });
    context.print(`deployment.apps/${target.name} restarted`);
    return 0;
  },
  pause: (context, connection, target) => setPaused(context, connection, target, 'paused'),
  resume: (context, connection, target) => setPaused(context, connection, target, 'resumed'),
};

async function setPaused(context: Context, connection: Connection, target: Target, state: 'paused' | 'resumed'): Promise<number> {
  const deployments = known(connection.client, 'deployments');
  const paused = (await deployments.get(target.name, target.namespace, { signal: context.signal })).spec?.paused === true;
  if (paused === (state === 'paused')) throw new CliError(`deployments.apps "${target.name}" is already ${state === 'paused' ? 'paused' : 'running'}`);
  await deployments.patch(target.name, target.namespace, { spec: { paused: state === 'paused' ? true : null } }, { type: 'strategic', signal: context.signal });
  context.print(`deployment.apps/${target.name} ${state}`);
  return 0;
}

async function targetsOf(context: Context, connection: Connection, args: Parsed, words: readonly string[]): Promise<readonly Target[]> {
  const named = words[0] !== undefined && /^(?:deployments?|deploy)(?:\.apps)?$/.test(words[0]) ? words.slice(1) : words;
  if (named.length === 0) throw new UsageError('name an app or deployment/NAME');
  const explicit = named.map((word) => /^(?:deployments?|deploy)(?:\.apps)?\/(.+)$/.exec(word)?.[1]);
  if (named !== words || explicit.every((name) => name !== undefined)) {
    return named.map((word, index) => ({ name: explicit[index] ?? word, namespace: args.text('namespace') ?? connection.namespace }));
  }
  const apps = await loadApps(connection.client, args.text('namespace'), context.signal);
  return selectApps(named, apps).map((app) => ({ name: app.objectName, namespace: app.namespace }));
}

interface Revision {
  readonly revision: number;
  readonly set: ReplicaSet;
}

async function revisions(
  context: Context,
  connection: Connection,
  target: Target,
): Promise<{ readonly deployment: Deployment; readonly sets: readonly Revision[] }> {
  const deployment = await known(connection.client, 'deployments').get(target.name, target.namespace, { signal: context.signal });
  const { items } = await known(connection.client, 'replicasets').list({ namespace: target.namespace, signal: context.signal });
  const sets = items
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid))
    .map((set) => ({ revision: Number(set.metadata.annotations?.[REVISION] ?? 0), set }))
    .sort((a, b) => a.revision - b.revision);
  return { deployment, sets };
}

function findRevision(sets: readonly Revision[], wanted: number, target: Target): ReplicaSet {
  const found = sets.find(({ revision }) => revision === wanted);
  if (!found)
    throw new CliError(
      `unable to find specified revision ${wanted} in history of ${target.name}; there are ${sets.map(({ revision }) => revision).join(', ') || 'none'}`,
    );
  return found.set;
}
