import { isNotFound } from '../../apimachinery/index.ts';
import { TARGET_OPTIONS, targets } from '../apps/change-apps.ts';
import { waitForGone } from '../apps/wait-gone.ts';
import { CliError } from '../errors.ts';
import { deleteObjects, isObjectTarget, OBJECT_DELETE_OPTIONS } from '../kubernetes/delete-objects.ts';
import { known } from '../refs.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover delete APP|ID|all … | KIND NAME … | KIND/NAME … | -f FILE',
  summary: 'Stop apps and forget them; or delete Kubernetes objects.',
  examples: ['drover delete api', 'drover delete all', 'drover delete pod web-0', 'drover delete -f k8s/ -R'],
  options: { ...TARGET_OPTIONS, ...OBJECT_DELETE_OPTIONS },
  async run(context, args) {
    if (await isObjectTarget(context, args)) return await deleteObjects(context, args);
    const { connection, selected } = await targets(context, args);
    for (const view of selected) {
      try {
        await known(connection.client, 'deployments').delete(view.objectName, view.namespace, { propagationPolicy: 'Foreground', signal: context.signal });
      } catch (error) {
        // Somebody else was faster: it is gone, as asked.
        if (!isNotFound(error)) throw error;
      }
    }
    const limitS = secondsOption(args, 'timeout', 60);
    const pods = selected.flatMap((view) => view.pods);
    if (!args.flag('no-wait') && !(await waitForGone(context, connection, pods, limitS * 1_000))) {
      throw new CliError(`some replicas had not ended after ${limitS} s`, { hint: 'drover get pods shows them' });
    }
    for (const view of selected) context.notice(`${view.name} deleted`);
    return 0;
  },
};
