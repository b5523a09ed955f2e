import { printApps } from '../apps/print-apps.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover list [-n NAMESPACE]',
  summary: 'List the apps, a line for each replica.',
  examples: ['drover list', 'drover list -n shop', 'drover jlist'],
  options: { namespace: { type: 'string', short: 'n', value: 'NAME', help: 'only apps of this namespace' } },
  async run(context, args) {
    await printApps(context, await context.connect(), () => true, args.text('namespace'));
    return 0;
  },
};
