import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HTTPGetAction } from '../../kinds/index.ts';
import type { ProbeAnswer } from './probe-state.ts';

export interface HttpTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
}

const MAX_BODY_BYTES = 10 * 1024;
const MAX_REDIRECTS = 10;

/** What is to be asked of a container: host and port resolved, headers as given. */
export function httpTarget(action: HTTPGetAction, host: string, port: number): HttpTarget {
  const headers: { [name: string]: string } = { 'user-agent': 'kube-probe/1.33', accept: '*/*', connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const path = action.path ?? '/';
  return { scheme: action.scheme === 'HTTPS' ? 'https' : 'http', host: action.host ?? host, port, path: path.startsWith('/') ? path : `/${path}`, headers };
}

const urlOf = (target: HttpTarget): string => `${target.scheme}://${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}${target.path}`;

/** One GET, redirects to the same host followed, certificates not verified. 200 to 399 is success. Never rejects. */
export async function probeHttp(target: HttpTarget, timeoutMs: number, redirects: number = MAX_REDIRECTS): Promise<ProbeAnswer> {
  const answer = await get(target, timeoutMs);
  if ('message' in answer) return { outcome: 'failure', message: `Get "${urlOf(target)}": ${answer.message}` };
  const { status, location, body } = answer;
  if (status >= 300 && status < 400 && location !== undefined) {
    const next = new URL(location, urlOf(target));
    if (next.hostname !== target.host) return { outcome: 'success', message: `Probe terminated redirects, Response body: ${body}` };
    if (redirects === 0) return { outcome: 'failure', message: `Get "${urlOf(target)}": stopped after 10 redirects` };
    const port = next.port === '' ? (next.protocol === 'https:' ? 443 : 80) : Number(next.port);
    const scheme = next.protocol === 'https:' ? 'https' : 'http';
    return probeHttp({ ...target, scheme, port, path: `${next.pathname}${next.search}` }, timeoutMs, redirects - 1);
  }
  if (status >= 200 && status < 400) return { outcome: 'success', message: body };
  return { outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` };
}

type GetAnswer = { readonly status: number; readonly location: string | undefined; readonly body: string } | { readonly message: string };

function get(target: HttpTarget, timeoutMs: number): Promise<GetAnswer> {
  return new Promise((resolve) => {
    const options = {
      host: target.host,
      port: target.port,
      path: target.path,
      headers: target.headers,
      agent: false,
      method: 'GET',
      signal: AbortSignal.timeout(timeoutMs),
    };
    const onAnswer = (response: IncomingMessage): void => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (body.length < MAX_BODY_BYTES) body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: body.slice(0, MAX_BODY_BYTES) }));
      response.on('error', (error) => resolve({ message: netMessage(error, target) }));
    };
    const request = target.scheme === 'https' ? httpsRequest({ ...options, rejectUnauthorized: false }, onAnswer) : httpRequest(options, onAnswer);
    request.on('error', (error) => resolve({ message: netMessage(error, target) }));
    request.end();
  });
}

function netMessage(error: Error, target: HttpTarget): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  return dialMessage(error, target.host, target.port);
}

const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/** A connection failure in Go's words, as every Kubernetes event shows it. */
export function dialMessage(error: Error, host: string, port: number): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : `read tcp ${host}:${port}: read: connection reset by peer`;
  return code in WORDS ? `dial tcp ${host}:${port}: ${WORDS[code]}` : error.message;
}
