import { readFile } from 'node:fs/promises';
import { errorText } from '../../std/index.ts';
import { CliError, UsageError } from '../errors.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover kubeconfig',
  summary: 'Print a kubeconfig for kubectl and other clients. Nothing of yours is changed.',
  examples: ['drover kubeconfig > ~/.kube/drover && export KUBECONFIG=~/.kube/drover', 'KUBECONFIG=<(drover kubeconfig) kubectl get pods'],
  options: {},
  async run(context) {
    if (context.remote) throw new UsageError('kubeconfig is for the local daemon');
    await context.connect();
    try {
      context.io.stdout.write(await readFile(context.home.kubeconfig, 'utf8'));
    } catch (cause) {
      throw new CliError(`cannot read ${context.home.kubeconfig}: ${errorText(cause)}`, {
        cause,
        hint: 'the daemon writes it when it starts: drover daemon restart',
      });
    }
    return 0;
  },
};
