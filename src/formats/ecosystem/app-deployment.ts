import type { Deployment } from '../../kinds/index.ts';
import type { App } from './app.ts';

/** Label on an app's Deployment and pods: the object name. */
export const APP_LABEL = 'drover.dev/app';
/** The name as the user wrote it. */
export const APP_NAME_ANNOTATION = 'drover.dev/app-name';
export const VERSION_ANNOTATION = 'drover.dev/app-version';
export const SCRIPT_ANNOTATION = 'drover.dev/script';
/** Numeric ids of the replicas, comma-separated, as PM2 users know them. */
export const IDS_ANNOTATION = 'drover.dev/pm-ids';
/** On a stopped app: how many replicas it had. */
export const STOPPED_ANNOTATION = 'drover.dev/stopped-replicas';
export const EXEC_MODE_ANNOTATION = 'drover.dev/exec-mode';
/** Programs of the machine, run as they are. */
const HOST_IMAGE = 'drover.dev/host';

/** PM2's: SIGINT, then SIGKILL after 1600 ms. */
const STOP_SIGNAL = 'SIGINT';
const DEFAULT_KILL_TIMEOUT_MS = 1_600;

/** Kubernetes expands $(NAME) in commands and values; text of the user's is kept from it. */
const literal = (text: string): string => text.replace(/\$(?=[$(])/g, '$$$$');

function strategyOf(app: App): NonNullable<NonNullable<Deployment['spec']>['strategy']> {
  // In fork mode each process has a port of its own, so a second one beside it could not listen.
  if (app.execMode === 'cluster') return { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  return app.instances === 1 ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
}

/** The Deployment that an app in PM2's words stands for. */
export function appDeployment(app: App): Deployment {
  const killTimeoutMs = app.killTimeoutMs ?? DEFAULT_KILL_TIMEOUT_MS;
  const labels = { [APP_LABEL]: app.objectName, 'app.kubernetes.io/name': app.objectName };
  const wishes: { readonly [name: string]: string | undefined } = {
    [APP_NAME_ANNOTATION]: app.name,
    [EXEC_MODE_ANNOTATION]: app.execMode,
    'drover.dev/stop-signal': STOP_SIGNAL,
    'drover.dev/kill-timeout': String(killTimeoutMs),
    'drover.dev/wait-ready': app.waitReady ? 'true' : undefined,
    'drover.dev/listen-timeout': app.listenTimeoutMs === undefined ? undefined : String(app.listenTimeoutMs),
    'drover.dev/autorestart': app.autorestart === undefined ? undefined : String(app.autorestart),
    'drover.dev/max-restarts': app.maxRestarts === undefined ? undefined : String(app.maxRestarts),
    'drover.dev/min-uptime': app.minUptimeMs === undefined ? undefined : String(app.minUptimeMs),
    'drover.dev/out-file': app.outFile,
    'drover.dev/error-file': app.errorFile,
  };
  const annotations = Object.fromEntries(Object.entries(wishes).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: app.objectName,
      namespace: app.namespace,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'drover' },
      annotations: {
        [APP_NAME_ANNOTATION]: app.name,
        [SCRIPT_ANNOTATION]: app.script,
        ...(app.version ? { [VERSION_ANNOTATION]: app.version } : {}),
      },
    },
    spec: {
      replicas: app.instances,
      selector: { matchLabels: { [APP_LABEL]: app.objectName } },
      strategy: strategyOf(app),
      template: {
        metadata: { labels, annotations },
        spec: {
          hostNetwork: true,
          terminationGracePeriodSeconds: Math.max(1, Math.ceil(killTimeoutMs / 1_000)),
          containers: [
            {
              name: 'app',
              image: HOST_IMAGE,
              command: app.command.map(literal),
              workingDir: app.cwd,
              env: Object.entries(app.env)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([name, value]) => ({ name, value: literal(value) })),
            },
          ],
        },
      },
    },
  };
}
