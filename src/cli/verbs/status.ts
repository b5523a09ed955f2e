import { statfsSync } from 'node:fs';
import { podProblem } from '../apps/pod-state.ts';
import type { Connection, Context } from '../context.ts';
import { callShim } from '../daemon/shim-client.ts';
import { isReady } from '../daemon/start-daemon.ts';
import { known } from '../refs.ts';
import type { Verb } from '../verb.ts';
import { programText } from './daemon.ts';

export const verb: Verb = {
  usage: 'drover status',
  summary: 'Say whether all is well: the daemon, the node and what it cannot give, and pods that are not ready with the reason.',
  examples: ['drover status'],
  options: {},
  notes: ['Exits with 1 when something is wrong. Starts nothing.'],
  async run(context) {
    const { paint } = context;
    const line = (good: boolean, text: string): void => context.print(`${good ? paint('green', '✓') : paint('red', '✗')} ${text}`);
    let well = true;
    if (!context.remote) {
      const shim = await callShim(context.home, context.clock, 'status', {});
      line(shim !== undefined, shim ? `shim ${shim.version} runs (pid ${shim.pid}), ${shim.running} processes` : `no shim runs for ${context.home.home}`);
      if (!shim) {
        context.notice('start with: drover daemon start');
        return 1;
      }
      const ready = await isReady(context.home, context.clock);
      line(ready, `daemon: ${programText(shim.daemon)}; API ${ready ? 'ready' : 'not ready'}`);
      line(shim.proxy.state === 'running', `proxy: ${programText(shim.proxy)}`);
      well = ready && shim.proxy.state === 'running';
      if (freeBytes(context.home.home) < FULL_BYTES) {
        well = false;
        line(false, `the disk of ${context.home.home} is full: apps run on, but changes and output may not be stored; free some space`);
      }
      if (!ready) {
        context.notice(shim.daemon.state === 'stopped' ? 'start it with: drover daemon start' : `see ${context.home.daemonLog}`);
        return 1;
      }
    }
    const connection = await context.connect({ start: false });
    const nodes = await nodeLines(context, connection, line);
    const pods = await podLines(context, connection, line);
    return well && nodes && pods ? 0 : 1;
  },
};

/** Too little for one more object and what is said of it. */
const FULL_BYTES = 1024 * 1024;

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

type Line = (good: boolean, text: string) => void;

async function nodeLines(context: Context, connection: Connection, line: Line): Promise<boolean> {
  let well = true;
  for (const { metadata, status } of (await known(connection.client, 'nodes').list({ signal: context.signal })).items) {
    for (const { type, status: state, reason, message } of status?.conditions ?? []) {
      if (type === 'Ready') {
        line(state === 'True', `node ${metadata.name} is ${state === 'True' ? 'ready' : `not ready: ${reason}: ${message}`}`);
        well &&= state === 'True';
      } else if (state === 'True') context.print(`${context.paint('yellow', '!')} node ${metadata.name}: ${type}${message ? `: ${message}` : ''}`);
    }
  }
  return well;
}

async function podLines(context: Context, connection: Connection, line: Line): Promise<boolean> {
  const { items } = await known(connection.client, 'pods').list({ signal: context.signal });
  const troubled = items.flatMap((pod) => {
    const problem = podProblem(pod);
    return problem && pod.status?.phase !== 'Succeeded' ? [{ pod, problem }] : [];
  });
  line(troubled.length === 0, troubled.length === 0 ? `all ${items.length} pods are well` : `${troubled.length} of ${items.length} pods are not ready`);
  for (const { pod, problem } of troubled)
    context.print(`    ${pod.metadata.namespace}/${pod.metadata.name}: ${problem.reason}${problem.message ? `: ${problem.message}` : ''}`);
  return troubled.length === 0;
}
