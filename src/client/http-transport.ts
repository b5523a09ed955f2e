import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import { type ApiRequest, type ApiResponse, freezeDeep, type KubeObject, type Transport, type WatchEvent } from '../apimachinery/index.ts';

import { answerError, parseJson, readAnswer } from './http-answer.ts';
import { jsonLines } from './json-lines.ts';
import { TransportError } from './transport-error.ts';

/** Where an HTTP server is and how to speak to it. */
export interface HttpTarget {
  /** How messages call it: `unix:/…/api.sock` or `https://127.0.0.1:6443`. */
  readonly name: string;
  readonly secure: boolean;
  /** Put before every path (a cluster behind a proxy's prefix); without a trailing slash. */
  readonly basePath?: string;
  /** socketPath, or host, port and TLS settings. Asked for at each new request, so that short-lived credentials are renewed. */
  readonly options: () => Promise<{ readonly request: RequestOptions; readonly headers: { readonly [name: string]: string | string[] } }>;
  /** Called once after an answer of 401; true: credentials were renewed, ask again. */
  readonly renew?: () => Promise<boolean>;
}

const queryText = (request: ApiRequest, watch: boolean): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const one of value === undefined ? [] : Array.isArray(value) ? value : [value]) query.append(name, one as string);
  }
  if (watch) query.set('watch', 'true');
  const text = query.toString();
  return text ? `?${text}` : '';
};

const isRaw = (body: unknown): body is Uint8Array | string => typeof body === 'string' || body instanceof Uint8Array;

/** HTTP/1.1 with kept-alive connections. */
export function httpTransport(target: HttpTarget): Transport {
  // TLS takes time to load, which a command over the Unix socket need not pay.
  const protocol: Promise<Pick<typeof http, 'request' | 'Agent'>> = target.secure
    ? import('node:https').then((https) => https.default as unknown as typeof http)
    : Promise.resolve(http);
  let agent: http.Agent | undefined;

  async function send(request: ApiRequest, watch: boolean): Promise<IncomingMessage> {
    const subject = `${request.method} ${request.path}`;
    const [{ request: options, headers }, { request: start, Agent }] = await Promise.all([target.options(), protocol]);
    agent ??= new Agent({ keepAlive: true });
    const body = request.body === undefined ? undefined : isRaw(request.body) ? request.body : JSON.stringify(request.body);
    return await new Promise<IncomingMessage>((resolve, reject) => {
      let connected = false;
      const outgoing = start({
        ...options,
        agent: agent as http.Agent,
        method: request.method,
        path: `${target.basePath ?? ''}${request.path}${queryText(request, watch)}`,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
          ...request.headers,
        },
        ...(request.signal ? { signal: request.signal } : {}),
      });
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) {
          connected = true;
          return;
        }
        socket.once(target.secure ? 'secureConnect' : 'connect', () => {
          connected = true;
          // A peer that vanished without a word is noticed, also on a watch that is silent by nature.
          socket.setKeepAlive(true, 30_000);
        });
      });
      outgoing.on('response', resolve);
      outgoing.on('error', (cause: Error & { code?: string }) => {
        if (request.signal?.aborted) return reject(request.signal.reason);
        // A kept connection that the server closed meanwhile. A write that failed outright was not read; after a reset only a GET is sure to be harmless twice.
        const unread = cause.code === 'EPIPE' || (cause.code === 'ECONNRESET' && request.method === 'GET');
        if (outgoing.reusedSocket && unread) return resolve(send(request, watch));
        const what = connected ? 'the connection was lost before an answer came' : 'cannot connect';
        reject(
          new TransportError(connected ? 'ERR_API_CONNECTION_LOST' : 'ERR_API_UNREACHABLE', `${subject}: ${what} to ${target.name}: ${cause.message}`, {
            sent: connected,
            cause,
          }),
        );
      });
      outgoing.end(body);
    });
  }

  async function answer(request: ApiRequest, watch: boolean): Promise<IncomingMessage> {
    const response = await send(request, watch);
    if (response.statusCode !== 401 || !target.renew || !(await target.renew())) return response;
    response.resume();
    return send(request, watch);
  }

  /** An answer whose body is read bit by bit; refusals become StatusError. */
  async function open(request: ApiRequest, watch: boolean): Promise<IncomingMessage> {
    const response = await answer(request, watch);
    if ((response.statusCode ?? 0) < 400) return response;
    const refused = await readAnswer(response, `${request.method} ${request.path}`);
    throw answerError(refused.status, refused.body);
  }

  return {
    async request(request): Promise<ApiResponse> {
      const subject = `${request.method} ${request.path}`;
      try {
        return await readAnswer(await answer(request, false), subject);
      } catch (error) {
        throw lost(error, subject, request.signal);
      }
    },
    async *watch(request): AsyncGenerator<WatchEvent<KubeObject>> {
      const subject = `watch ${request.path}`;
      let response: IncomingMessage | undefined;
      try {
        response = await open(request, true);
        for await (const line of jsonLines(response)) yield freezeDeep(parseJson(line, subject)) as WatchEvent<KubeObject>;
      } catch (error) {
        if (request.signal?.aborted) return;
        throw lost(error, subject, request.signal);
      } finally {
        response?.destroy();
      }
    },
    async stream(request) {
      return await open(request, false);
    },
    close() {
      agent?.destroy();
    },
  };
}

/** A failure while the answer was read, in words that name the request; everything else as it is. */
function lost(error: unknown, subject: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) {
    return new TransportError('ERR_API_CONNECTION_LOST', `${subject}: the connection was lost in the middle of the answer`, { sent: true, cause: error });
  }
  return error;
}
