import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  type KubeObject,
  type Status,
  StatusError,
  type Transport,
  type WatchEvent,
} from '../../apimachinery/index.ts';
import type { Handler } from '../filters/filter.ts';
import type { Answer } from '../request/answer.ts';
import type { Body, Call, User } from '../request/call.ts';
import { requestInfo } from '../request/request-info.ts';

/** A way to the server for parts of the same process: the whole path of a request but its serialisation. Objects are shared and frozen. */
export function inProcessTransport(handle: Handler, user: User, newId: () => string): Transport {
  const closed = new AbortController();

  async function answer(
    request: ApiRequest,
    extraQuery?: { readonly [name: string]: string },
  ): Promise<{ readonly answer: Answer; readonly warnings: readonly string[] }> {
    const warnings = new Set<string>();
    const call = callOf(request, user, newId(), closed.signal, (text) => void warnings.add(text), extraQuery);
    return { answer: await handle(call), warnings: [...warnings] };
  }

  return {
    async request(request): Promise<ApiResponse> {
      request.signal?.throwIfAborted();
      const { answer: given, warnings } = await answer(request);
      if (given.type === 'object')
        return { status: given.status, headers: { 'content-type': given.contentType ?? 'application/json', ...given.headers }, body: given.object, warnings };
      if (given.type === 'text') return { status: given.status, headers: { 'content-type': given.contentType }, body: String(given.text), warnings };
      throw badRequest(`${request.method} ${request.path}: the answer is a stream; ask for it as a watch or a stream`);
    },
    async *watch(request): AsyncGenerator<WatchEvent<KubeObject>> {
      const { answer: given } = await answer(request, { watch: 'true' });
      throwFailure(given);
      if (given.type !== 'watch') throw badRequest(`${request.path}: this cannot be watched`);
      for await (const frame of given.frames) yield frame.event;
    },
    async stream(request): Promise<AsyncIterable<Uint8Array>> {
      const { answer: given } = await answer(request);
      throwFailure(given);
      if (given.type === 'stream') return given.chunks;
      if (given.type === 'text') return oneChunk(Buffer.from(given.text));
      throw badRequest(`${request.path}: this is not a stream`);
    },
    close: () => closed.abort(new Error('the transport was closed')),
  };
}

async function* oneChunk(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

function throwFailure(answer: Answer): void {
  if (answer.type === 'object' && answer.status >= 400) throw StatusError.from(answer.object as Status);
}

function callOf(
  request: ApiRequest,
  user: User,
  id: string,
  closed: AbortSignal,
  warn: (text: string) => void,
  extraQuery: { readonly [name: string]: string } = {},
): Call {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...request.query, ...extraQuery })) {
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) query.append(name, one);
  }
  const body: Body =
    request.body === undefined
      ? { type: 'none' }
      : request.body instanceof Uint8Array
        ? { type: 'bytes', bytes: Buffer.from(request.body) }
        : { type: 'object', value: request.body };
  return {
    id,
    method: request.method,
    path: request.path,
    query,
    headers: request.headers ?? {},
    credentials: { type: 'in-process', user },
    info: requestInfo(request.method, request.path, query),
    user,
    body: () => Promise.resolve(body),
    signal: request.signal ? AbortSignal.any([request.signal, closed]) : closed,
    warn,
  };
}
