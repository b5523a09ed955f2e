import { requestTooLarge } from '../../apimachinery/index.ts';
import { ANONYMOUS, type Body, type Call, type Credentials, type Upgrade } from '../request/call.ts';
import { requestInfo } from '../request/request-info.ts';
import type { HttpRequest } from './listener.ts';

/** The largest body that is read, as in Kubernetes. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

export interface HttpCallOptions {
  readonly id: string;
  readonly request: HttpRequest;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  readonly upgrade?: Upgrade;
}

/** The call that an HTTP request stands for. Its body is read when a handler asks for it. */
export function httpCall({ id, request, credentials, signal, warn, upgrade }: HttpCallOptions): Call {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const method = request.method ?? 'GET';
  let body: Promise<Body> | undefined;
  return {
    id,
    method,
    path,
    query,
    headers: flatHeaders(request),
    credentials,
    info: requestInfo(method, path, query),
    user: ANONYMOUS,
    body: () => {
      body ??= readBody(request);
      return body;
    },
    ...(upgrade ? { upgrade } : {}),
    signal,
    warn,
  };
}

function flatHeaders(request: HttpRequest): { readonly [name: string]: string | undefined } {
  const flat: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

async function readBody(request: HttpRequest): Promise<Body> {
  const tooLarge = () => requestTooLarge(`Request entity too large: limit is ${BODY_LIMIT_BYTES}`);
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return length === 0 ? { type: 'none' } : { type: 'bytes', bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) };
}
