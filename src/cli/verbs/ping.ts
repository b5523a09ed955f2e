import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover ping',
  summary: 'Start the daemon when it does not run, and say pong.',
  examples: ['drover ping'],
  options: {},
  async run(context) {
    const { transport } = await context.connect();
    const { status } = await transport.request({ method: 'GET', path: '/livez', signal: context.signal });
    context.print(status === 200 ? 'pong' : `the API answered ${status}`);
    return status === 200 ? 0 : 1;
  },
};
