import { badRequest, type PodLogOptions, serviceUnavailable } from '../../apimachinery/index.ts';
import { queryFlag } from '../request/call.ts';
import type { VerbHandler } from '../verbs/handler.ts';
import type { Streams } from './streams.ts';

const STREAMS = new Set(['All', 'Stdout', 'Stderr']);

/** A container's log, from the node agent. */
export const log =
  (streams: Streams): VerbHandler =>
  async (_context, { resource, info, query, signal }) => {
    resource.require(info.namespace, info.name);
    const options = logOptions(query);
    const agent = streams();
    if (!agent) throw serviceUnavailable('the node agent is not running yet: logs cannot be read now');
    const chunks = await agent.logs(info.namespace, info.name, options, signal);
    return { type: 'stream', chunks, contentType: 'text/plain' };
  };

function logOptions(query: URLSearchParams): PodLogOptions {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number of 0 or more`);
    return Number(text);
  };
  const container = query.get('container');
  const sinceTime = query.get('sinceTime');
  const stream = query.get('stream');
  const sinceSeconds = number('sinceSeconds');
  const tailLines = number('tailLines');
  const limitBytes = number('limitBytes');
  if (sinceTime && sinceSeconds !== undefined) throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (sinceTime && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(sinceTime)}: must be a time such as 2026-01-02T03:04:05Z`);
  if (limitBytes === 0) throw badRequest('limitBytes: Invalid value: 0: must be greater than 0');
  if (stream && !STREAMS.has(stream)) throw badRequest(`stream: Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"`);
  return {
    ...(container ? { container } : {}),
    ...(queryFlag(query, 'follow') ? { follow: true } : {}),
    ...(queryFlag(query, 'previous') ? { previous: true } : {}),
    ...(queryFlag(query, 'timestamps') ? { timestamps: true } : {}),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime ? { sinceTime } : {}),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream ? { stream: stream as 'All' | 'Stdout' | 'Stderr' } : {}),
  };
}
