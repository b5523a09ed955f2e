import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { toYaml } from '../../apimachinery/index.ts';
import type { Answer, ObjectAnswer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import { queryFlag } from '../request/call.ts';
import { drained } from './drained.ts';
import type { HttpRequest, HttpResponse } from './listener.ts';

const compress = promisify(gzip);

/** Kubernetes compresses lists from this size on. */
const GZIP_FROM_BYTES = 128 * 1024;

type Headers = { [name: string]: string | string[] | number };

/** Sends an answer; resolves when all of it was handed to the connection or the client is gone. */
export async function writeAnswer(request: HttpRequest, response: HttpResponse, call: Call, answer: Answer, warnings: readonly string[]): Promise<void> {
  const headers: Headers = { 'audit-id': call.id, 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' };
  if (warnings.length > 0) headers['warning'] = warnings.map(warningHeader);
  switch (answer.type) {
    case 'hijacked':
      return;
    case 'object':
      return send(request, response, call, { ...headers, ...answer.headers, 'content-type': mediaOf(call, answer) }, answer.status, bodyOf(call, answer));
    case 'text': {
      const body = typeof answer.text === 'string' ? Buffer.from(answer.text) : answer.text;
      return send(request, response, call, { ...headers, ...answer.headers, 'content-type': answer.contentType }, answer.status, [body]);
    }
    case 'watch': {
      writeHead(response, 200, { ...headers, 'content-type': answer.contentType ?? 'application/json' });
      flush(response);
      return pour(
        response,
        mapped(answer.frames, (frame) => frame.line()),
      );
    }
    case 'stream': {
      writeHead(response, 200, { ...headers, 'content-type': answer.contentType });
      flush(response);
      return pour(response, answer.chunks);
    }
  }
}

const wantsYaml = (call: Call): boolean => {
  const accept = call.headers['accept'] ?? '';
  return accept.startsWith('application/yaml') && !accept.includes('json');
};

const mediaOf = (call: Call, answer: ObjectAnswer): string => answer.contentType ?? (wantsYaml(call) ? 'application/yaml' : 'application/json');

function bodyOf(call: Call, answer: ObjectAnswer): readonly Buffer[] {
  if (wantsYaml(call)) return [Buffer.from(toYaml(answer.object))];
  if (queryFlag(call.query, 'pretty')) return [Buffer.from(`${JSON.stringify(answer.object, null, 2)}\n`)];
  return answer.json?.() ?? [Buffer.from(`${JSON.stringify(answer.object)}\n`)];
}

async function send(request: HttpRequest, response: HttpResponse, call: Call, headers: Headers, status: number, body: readonly Buffer[]): Promise<void> {
  let parts = body;
  let size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size >= GZIP_FROM_BYTES && wantsGzip(call) && !headers['content-encoding']) {
    parts = [await compress(parts.length === 1 ? parts[0]! : Buffer.concat(parts, size), { level: 1 })];
    size = parts[0]!.length;
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  }
  headers['content-length'] = size;
  writeHead(response, status, headers);
  if (request.method === 'HEAD') response.end();
  else if (parts.length === 1) response.end(parts[0] as Buffer);
  else await pour(response, slabs(parts));
}

/** On the same machine compressing costs more than it saves; over the Unix socket it is never done. */
const wantsGzip = (call: Call): boolean => call.credentials.type !== 'unix-socket' && /\bgzip\b/.test(call.headers['accept-encoding'] ?? '');

const SLAB_BYTES = 512 * 1024;

/** Many small buffers copied into few large ones, one at a time: a list of 10,000 pods never needs its whole size a second time. */
async function* slabs(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < SLAB_BYTES) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

// The two response classes have the same methods but no common type that TypeScript can call.
const writeHead = (response: HttpResponse, status: number, headers: Headers): void => {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
};

function flush(response: HttpResponse): void {
  if ('flushHeaders' in response) response.flushHeaders();
}

/** Writes chunks as they come and waits while the client is slow. Ends the producer when the client goes away. */
async function pour(response: HttpResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const write = response.write.bind(response) as (chunk: Uint8Array) => boolean;
  try {
    for await (const chunk of chunks) {
      if (response.destroyed || response.writableEnded) return;
      if (!write(chunk)) await drained(response);
    }
    response.end();
  } catch {
    // The answer has begun: the only way left to tell the client is to break the connection off.
    response.destroy();
  }
}

async function* mapped<A, B>(from: AsyncIterable<A>, map: (value: A) => B): AsyncGenerator<B> {
  for await (const value of from) yield map(value);
}

/** RFC 7234's warn-code 299 with the text quoted, as kubectl prints it. */
const warningHeader = (text: string): string => `299 - "${text.replace(/[\\"]/g, '\\$&').replace(/[^\t\x20-\x7e]/g, (one) => encodeURIComponent(one))}"`;
