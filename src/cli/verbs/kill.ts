import { confirm } from '../confirm.ts';
import { callShim } from '../daemon/shim-client.ts';
import { teardownNetwork } from '../daemon/teardown-network.ts';
import { UsageError } from '../errors.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover kill [--yes]',
  summary: 'End everything of this home: all apps, the daemon and the shim. What was started is remembered and comes back with the next start.',
  examples: ['drover kill', 'drover kill --yes'],
  options: {
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
    'grace-period': { type: 'string', value: 'SECONDS', help: 'how long programs may take to end (default 5)' },
  },
  async run(context, args) {
    if (context.remote) throw new UsageError('kill is for this machine’s home; --context and --kubeconfig name another cluster');
    const status = await callShim(context.home, context.clock, 'status', {});
    if (!status) {
      await teardownNetwork(context);
      context.notice(`Nothing runs for ${context.home.home}.`);
      return 0;
    }
    const question = `This ends ${status.running} running process${status.running === 1 ? '' : 'es'} and the daemon of ${context.home.home}.`;
    if (!(await confirm(context, question, args.flag('yes')))) return 1;
    const graceMs = secondsOption(args, 'grace-period', 5) * 1_000;
    await callShim(context.home, context.clock, 'shutdown', { graceMs }, graceMs + 30_000);
    await teardownNetwork(context);
    context.notice(`Everything of ${context.home.home} has ended.`);
    return 0;
  },
};
