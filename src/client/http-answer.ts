import type { IncomingMessage } from 'node:http';
import type { ApiResponse, Status } from '../apimachinery/index.ts';
import { freezeDeep, StatusError } from '../apimachinery/index.ts';

import { TransportError } from './transport-error.ts';

const WARNING = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** Texts of `Warning: 299 - "…"` headers, in order. */
function warningTexts(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) => [...header.matchAll(WARNING)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1')));
}

const isStatus = (body: unknown): body is Status =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status' && 'code' in body && typeof body.code === 'number';

/** The error that an answer of 400 and above stands for, also when a proxy on the way wrote it. */
export function answerError(status: number, body: unknown): StatusError {
  if (isStatus(body)) return StatusError.from(body);
  const text = typeof body === 'string' && body ? body.trim().slice(0, 500) : JSON.stringify(body ?? '');
  const reason = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 409: 'Conflict', 410: 'Expired', 429: 'TooManyRequests' }[status] ?? 'Unknown';
  return new StatusError({ code: status, reason, message: `the server answered ${status}: ${text}` });
}

/** Reads an answer to its end: JSON is parsed and frozen, anything else is a string. */
export async function readAnswer(response: IncomingMessage, subject: string): Promise<ApiResponse> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  const headers: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  const isJson = (headers['content-type'] ?? '').includes('json');
  return {
    status: response.statusCode ?? 0,
    headers,
    body: isJson && text ? freezeDeep(parseJson(text, subject)) : text,
    warnings: warningTexts(response.headersDistinct['warning'] ?? []),
  };
}

/** JSON of an answer; what does not parse is the connection's fault and says which request it was. */
export function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransportError('ERR_API_BAD_ANSWER', `${subject}: the answer is not JSON: ${text.slice(0, 200)}`, { sent: true, cause });
  }
}
