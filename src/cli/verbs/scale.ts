import { IDS_ANNOTATION, MAX_INSTANCES } from '../../formats/index.ts';
import { among, TARGET_OPTIONS, targets } from '../apps/change-apps.ts';
import { printApps } from '../apps/print-apps.ts';
import { replicasPatch, waitForApps } from '../apps/start-apps.ts';
import { UsageError } from '../errors.ts';
import { known } from '../refs.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover scale APP|deployment/NAME N|+N|-N',
  summary: 'Change how many replicas an app has.',
  examples: ['drover scale api 6', 'drover scale api +2', 'drover scale deployment/web --replicas=3 -n shop'],
  options: { ...TARGET_OPTIONS, replicas: { type: 'string', value: 'N', help: 'how many, as kubectl calls it' } },
  async run(context, args) {
    const words = [...args.words];
    const wanted = args.text('replicas') ?? words.pop();
    const names = words.filter((word) => !/^(?:deployments?|deploy)$/.test(word));
    if (names.length === 0 || !wanted || !/^[+-]?\d+$/.test(wanted))
      throw new UsageError('expected an app and a number', 'for instance: drover scale api 4, or drover scale api +2');
    const { connection, all, selected } = await targets(context, args, names);
    for (const view of selected) {
      const now = view.deployment.spec?.replicas ?? 1;
      const replicas = /^[+-]/.test(wanted) ? now + Number(wanted) : Number(wanted);
      if (replicas < 0) throw new UsageError(`${view.name} has ${now} replicas; ${wanted} would leave less than none`);
      if (replicas > MAX_INSTANCES) throw new UsageError(`${view.name}: expected at most ${MAX_INSTANCES} replicas, got ${replicas}`);
      if (view.mode === 'fork' && replicas > 1)
        context.notice(`${view.name} runs in fork mode: each replica needs a port of its own (start it with -i N to share one)`);
      await known(connection.client, 'deployments').patch(view.objectName, view.namespace, replicasPatch(view, replicas, all, IDS_ANNOTATION), {
        type: 'merge',
        onWarning: context.warn,
        signal: context.signal,
      });
      context.notice(`${view.name}: ${now} → ${replicas} replicas`);
    }
    const code = args.flag('no-wait') ? 0 : await waitForApps(context, connection, selected, secondsOption(args, 'timeout', 60) * 1_000);
    await printApps(context, connection, among(selected));
    return code;
  },
};
