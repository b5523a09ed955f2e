import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorAnswer, statusErrorOf } from '../filters/errors.ts';
import type { Handler } from '../filters/filter.ts';
import type { Answer } from '../request/answer.ts';
import type { Credentials } from '../request/call.ts';
import { httpCall } from './http-call.ts';
import type { HttpRequest, HttpResponse, RequestSink } from './listener.ts';
import { writeAnswer } from './write-answer.ts';

/** Turns HTTP requests into calls and answers into HTTP responses. */
export function httpSink(handle: Handler, newId: () => string): RequestSink {
  async function request(request: HttpRequest, response: HttpResponse, credentials: Credentials): Promise<void> {
    const gone = new AbortController();
    const warnings = new Set<string>();
    response.once('close', () => gone.abort(new Error('the client closed the connection')));
    response.on('error', () => gone.abort(new Error('the connection failed')));
    const call = httpCall({ id: newId(), request, credentials, signal: gone.signal, warn: (text) => void warnings.add(text) });
    const answer = await handle(call);
    if (gone.signal.aborted) return;
    await writeAnswer(request, response, call, answer, [...warnings]);
  }

  /** A handler that does not take the connection over answers on it as plain HTTP/1.1, once. */
  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, credentials: Credentials): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => gone.abort(new Error('the client closed the connection')));
    socket.on('error', () => gone.abort(new Error('the connection failed')));
    const call = httpCall({ id: newId(), request, credentials, signal: gone.signal, warn: () => undefined, upgrade: { request, socket, head } });
    const answer = await handle(call);
    if (answer.type !== 'hijacked' && !socket.destroyed) socket.end(plainResponse(answer));
  }

  return {
    request(incoming, response, credentials) {
      request(incoming, response, credentials).catch((error: unknown) => {
        if (response.headersSent) return response.destroy();
        const call = httpCall({ id: '', request: incoming, credentials, signal: AbortSignal.abort(), warn: () => undefined });
        return writeAnswer(incoming, response, call, errorAnswer(statusErrorOf(error)), []).catch(() => response.destroy());
      });
    },
    upgrade(incoming, socket, head, credentials) {
      upgrade(incoming, socket, head, credentials).catch(() => socket.destroy());
    },
  };
}

function plainResponse(answer: Answer): Buffer {
  const status = 'status' in answer ? answer.status : 400;
  const body = answer.type === 'object' ? Buffer.from(JSON.stringify(answer.object)) : answer.type === 'text' ? Buffer.from(answer.text) : Buffer.alloc(0);
  const head = [
    `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Error'}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
