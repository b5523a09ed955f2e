import type { Pod } from '../../kinds/index.ts';
import { type AppView, loadApps } from '../apps/app-view.ts';
import type { Connection, Context } from '../context.ts';
import { followLogs, type LogSelection, type ShowOptions } from './show-logs.ts';

const DEFAULT_SHOW: ShowOptions = {
  format: 'prefixed',
  timestamps: false,
  follow: true,
  previous: false,
  tailLines: 15,
  sinceSeconds: undefined,
  sinceTime: undefined,
  stream: 'All',
  container: undefined,
};

/** Pods of apps, those included that come later: a pod is an app's when the app's selector says so. */
export function appSelection(apps: readonly AppView[]): LogSelection {
  const namespaces = new Set(apps.map(({ namespace }) => namespace));
  const appOf = (pod: Pod): AppView | undefined =>
    apps.find(({ namespace, deployment }) => namespace === pod.metadata.namespace && selects(deployment.spec?.selector?.matchLabels ?? {}, pod));
  /** Ids go to pods in the order in which they appear; a replacement takes the id of a pod that has gone. */
  const given = new Map<string, number>();
  const idOf = (app: AppView, pod: Pod): number | undefined => {
    const key = pod.metadata.uid ?? '';
    const at = app.pods.filter(({ metadata }) => !metadata.deletionTimestamp).findIndex(({ metadata }) => metadata.uid === key);
    if (at >= 0) return app.ids[at];
    if (!given.has(key) && app.ids.length > 0) given.set(key, app.ids[given.size % app.ids.length] ?? 0);
    return given.get(key);
  };
  return {
    namespace: namespaces.size === 1 ? [...namespaces][0] : undefined,
    labelSelector: undefined,
    wanted: (pod) => appOf(pod) !== undefined,
    describe(pod) {
      const app = appOf(pod);
      if (!app) return { label: pod.metadata.name ?? '' };
      const id = idOf(app, pod);
      return { label: id === undefined ? (pod.metadata.name ?? app.name) : `${id}|${app.name}`, app: app.name, ...(id === undefined ? {} : { id }) };
    },
  };
}

const selects = (labels: { readonly [key: string]: string }, pod: Pod): boolean =>
  Object.keys(labels).length > 0 && Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value);

/** Follows the logs of the wanted apps until interrupted. */
export async function followApps(context: Context, connection: Connection, wanted: (app: AppView) => boolean): Promise<number> {
  const apps = (await loadApps(connection.client, undefined, context.signal)).filter(wanted);
  return await followLogs(context, connection, appSelection(apps), DEFAULT_SHOW);
}
