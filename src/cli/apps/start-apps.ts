import { type App, STOPPED_ANNOTATION } from '../../formats/index.ts';
import type { Deployment } from '../../kinds/index.ts';
import type { Connection, Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { known } from '../refs.ts';
import { type AppView, appView, continueIds } from './app-view.ts';
import { applyApp, ensureNamespace } from './apply-app.ts';
import { waitForRollout } from './wait-rollout.ts';

/** How an app that exists is met. refuse: a running one is an error. converge: its settings become the given ones. */
export type Existing = 'refuse' | 'converge';

const isRunning = (view: AppView): boolean => (view.deployment.spec?.replicas ?? 1) > 0;

/** Applies apps, all checked first, and returns what the server made of each, with whether anything changed. */
export async function applyApps(
  context: Context,
  connection: Connection,
  apps: readonly App[],
  existing: Existing,
): Promise<readonly { readonly app: App; readonly deployment: Deployment; readonly changed: boolean }[]> {
  const { client } = connection;
  const views = (await known(client, 'deployments').list({ signal: context.signal })).items.map((deployment) => appView(deployment, []));
  const find = (app: App): AppView | undefined => views.find((view) => view.objectName === app.objectName && view.namespace === app.namespace);
  for (const app of apps) {
    const view = find(app);
    if (view && view.name !== app.name)
      throw new CliError(`app "${app.name}" would take the place of "${view.name}": both become ${app.objectName}`, {
        hint: 'give it another name with --name',
      });
    if (view && isRunning(view) && existing === 'refuse') {
      throw new CliError(`app "${app.name}" is already running`, {
        hint: `restart it with: drover restart ${app.name}\nor apply these settings to it with --force`,
      });
    }
  }
  for (const namespace of new Set(apps.map((app) => app.namespace))) await ensureNamespace(client, namespace, context.signal);
  const done: { app: App; deployment: Deployment; changed: boolean }[] = [];
  let taken = views;
  for (const app of apps) {
    const before = find(app);
    const ids = continueIds(before?.ids ?? [], app.instances, taken);
    if (!before) taken = [...taken, { ids } as AppView];
    const deployment = await applyApp(client, app, ids, context.warn, context.signal);
    done.push({ app, deployment, changed: before?.deployment.metadata.generation !== deployment.metadata.generation });
  }
  return done;
}

/** Waits for apps and reports each on stderr; the exit code says whether all are online. */
export async function waitForApps(
  context: Context,
  connection: Connection,
  targets: readonly { readonly name: string; readonly objectName: string; readonly namespace: string }[],
  limitMs: number,
): Promise<number> {
  const results = await Promise.all(
    targets.map(async (target) => {
      const progress = (text: string): void => {
        if (context.verbose) context.notice(text);
      };
      return { target, result: await waitForRollout(context, connection, { name: target.objectName, namespace: target.namespace }, { limitMs, progress }) };
    }),
  );
  let code = 0;
  for (const { target, result } of results) {
    if (result.ready) context.notice(`${context.paintError('green', '✓')} ${target.name} is online`);
    else {
      code = 1;
      context.io.stderr.write(`${context.paintError('red', '✗')} ${target.name} is not online: ${result.why}\n`);
    }
  }
  return code;
}

/** What brings a stopped app back, or sets its replicas; ids follow. */
export const replicasPatch = (view: AppView, replicas: number, all: readonly AppView[], idsKey: string): unknown => ({
  metadata: { annotations: { [STOPPED_ANNOTATION]: null, ...(view.ids.length > 0 ? { [idsKey]: continueIds(view.ids, replicas, all).join(',') } : {}) } },
  spec: { replicas },
});
