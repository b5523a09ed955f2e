import { STOPPED_ANNOTATION } from '../../formats/index.ts';
import { among, TARGET_OPTIONS, targets } from '../apps/change-apps.ts';
import { printApps } from '../apps/print-apps.ts';
import { waitForGone } from '../apps/wait-gone.ts';
import { CliError } from '../errors.ts';
import { known } from '../refs.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover stop APP|ID|all …',
  summary: 'Stop apps; drover start or restart brings them back with as many replicas.',
  examples: ['drover stop api', 'drover stop all'],
  options: TARGET_OPTIONS,
  async run(context, args) {
    const { connection, selected } = await targets(context, args);
    for (const view of selected) {
      const replicas = view.deployment.spec?.replicas ?? 1;
      if (replicas === 0) continue;
      const patch = { metadata: { annotations: { [STOPPED_ANNOTATION]: String(replicas) } }, spec: { replicas: 0 } };
      await known(connection.client, 'deployments').patch(view.objectName, view.namespace, patch, {
        type: 'merge',
        onWarning: context.warn,
        signal: context.signal,
      });
    }
    const limitS = secondsOption(args, 'timeout', 60);
    const pods = selected.flatMap((view) => view.pods);
    if (!args.flag('no-wait') && !(await waitForGone(context, connection, pods, limitS * 1_000))) {
      throw new CliError(`some replicas had not ended after ${limitS} s`, { hint: 'drover list shows them' });
    }
    await printApps(context, connection, among(selected));
    return 0;
  },
};
