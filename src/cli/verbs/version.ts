import type { Verb } from '../verb.ts';

declare const __DROVER_VERSION__: string | undefined;

/** This program's version; a checkout that is not built has none. */
export const PROGRAM_VERSION: string = typeof __DROVER_VERSION__ === 'string' ? __DROVER_VERSION__ : '0.0.0-source';

export const verb: Verb = {
  usage: 'drover version',
  summary: 'Show the versions of this program and of the daemon.',
  examples: ['drover version'],
  options: {},
  async run(context) {
    context.print(`drover ${PROGRAM_VERSION} (Node ${process.version})`);
    try {
      const { transport } = await context.connect({ start: false });
      const { body } = await transport.request({ method: 'GET', path: '/version', signal: context.signal });
      if (typeof body === 'object' && body !== null && 'gitVersion' in body) context.print(`API server ${String(body.gitVersion)}`);
    } catch {
      context.print('API server: not running');
    }
    return 0;
  },
};
