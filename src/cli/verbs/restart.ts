import { IDS_ANNOTATION, VARIABLE_NAME } from '../../formats/index.ts';
import { rfc3339 } from '../../std/index.ts';
import type { AppView } from '../apps/app-view.ts';
import { among, TARGET_OPTIONS, targets } from '../apps/change-apps.ts';
import { printApps } from '../apps/print-apps.ts';
import { replicasPatch } from '../apps/start-apps.ts';
import { waitForRollout } from '../apps/wait-rollout.ts';
import type { Context } from '../context.ts';
import { known } from '../refs.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover restart APP|ID|all …',
  summary: 'Replace the replicas of apps one by one, each old one only when a new one is ready.',
  examples: ['drover restart api', 'drover reload all', 'drover restart api --update-env'],
  options: {
    ...TARGET_OPTIONS,
    'update-env': { type: 'boolean', short: 'a', help: 'take the environment of this shell' },
  },
  notes: [
    'An app with one replica in fork mode is stopped first, because two could not listen on its port.',
    'Exits with 1 when the new replicas do not get ready.',
  ],
  async run(context, args) {
    const { connection, all, selected } = await targets(context, args);
    const limitMs = secondsOption(args, 'timeout', 120) * 1_000;
    for (const view of selected) {
      const stopped = view.deployment.spec?.replicas === 0;
      const back = stopped
        ? (replicasPatch(view, view.stoppedReplicas ?? 1, all, IDS_ANNOTATION) as { readonly metadata: unknown; readonly spec: object })
        : undefined;
      const template = {
        metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': rfc3339(context.clock.now()) } },
        ...(args.flag('update-env') ? { spec: { containers: environmentPatch(context, view) } } : {}),
      };
      const patch = { ...(back ? { metadata: back.metadata } : {}), spec: { ...back?.spec, template } };
      await known(connection.client, 'deployments').patch(view.objectName, view.namespace, patch, {
        type: 'strategic',
        onWarning: context.warn,
        signal: context.signal,
      });
    }
    if (args.flag('no-wait')) return 0;
    const results = await Promise.all(
      selected.map(async (view) => ({
        view,
        result: await waitForRollout(context, connection, { name: view.objectName, namespace: view.namespace }, { limitMs, progress: context.notice }),
      })),
    );
    let code = 0;
    for (const { view, result } of results) {
      if (result.ready) context.notice(`${context.paintError('green', '✓')} ${view.name} restarted`);
      else {
        code = 1;
        const undo = `undo it with: drover rollout undo deployment/${view.objectName} -n ${view.namespace}`;
        context.io.stderr.write(`${context.paintError('red', '✗')} ${view.name} did not restart: ${result.why}\n${undo}\n`);
      }
    }
    await printApps(context, connection, among(selected));
    return code;
  },
};

/** This shell's variables over those of the app's first container. */
function environmentPatch(context: Context, view: AppView): readonly unknown[] {
  const container = view.deployment.spec?.template?.spec?.containers?.[0];
  const env = Object.entries(context.io.env)
    .filter(([name, value]) => value !== undefined && VARIABLE_NAME.test(name) && !['_', 'SHLVL', 'PWD', 'OLDPWD'].includes(name))
    .map(([name, value]) => ({ name, value: (value ?? '').replace(/\$(?=[$(])/g, '$$$$') }));
  return container ? [{ name: container.name, env }] : [];
}
