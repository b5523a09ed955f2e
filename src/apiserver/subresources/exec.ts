import { badRequest, type PodExecOptions, serviceUnavailable } from '../../apimachinery/index.ts';
import type { Call } from '../request/call.ts';
import { queryFlag } from '../request/call.ts';
import type { VerbHandler } from '../verbs/handler.ts';
import { serveSpdyExec } from './spdy/exec.ts';
import type { Streams } from './streams.ts';
import { serveWebSocketExec } from './websocket-exec.ts';

/** Runs a command beside a container's process: over a WebSocket, or SPDY/3.1 for older clients. */
export const exec =
  (streams: Streams): VerbHandler =>
  async (_context, call) => {
    const { resource, info, query, upgrade } = call;
    resource.require(info.namespace, info.name);
    const options = execOptions(query);
    const agent = streams();
    if (!agent) throw serviceUnavailable('the node agent is not running yet: nothing can be run in a pod now');
    if (!upgrade) throw badRequest('Upgrade request required');
    const run = agent.exec.bind(agent, info.namespace, info.name, options);
    const protocol = (call.headers['upgrade'] ?? '').toLowerCase();
    if (protocol === 'websocket') return serveWebSocketExec(upgrade, options, run, call.signal);
    if (protocol === 'spdy/3.1') return serveSpdyExec(upgrade, protocolsOf(call), options, run, call.signal);
    throw badRequest(`unable to upgrade: unknown protocol ${JSON.stringify(protocol)}: expected websocket or SPDY/3.1`);
  };

const protocolsOf = (call: Call): readonly string[] => (call.headers['x-stream-protocol-version'] ?? '').split(',').map((one) => one.trim());

function execOptions(query: URLSearchParams): PodExecOptions {
  const command = query.getAll('command');
  const container = query.get('container');
  const options = {
    ...(container ? { container } : {}),
    command,
    stdin: queryFlag(query, 'stdin'),
    stdout: queryFlag(query, 'stdout'),
    stderr: queryFlag(query, 'stderr'),
    tty: queryFlag(query, 'tty'),
  };
  if (command.length === 0) throw badRequest('you must specify at least one command for the container');
  if (!options.stdin && !options.stdout && !options.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  // A terminal has one output.
  return options.tty ? { ...options, stderr: false } : options;
}
