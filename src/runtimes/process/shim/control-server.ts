import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { RuntimeEvent } from '../../contract.ts';
import { LINE_LIMIT_BYTES, type ShimFailure, type ShimLine, type ShimMethod, type ShimMethods, type ShimRequest } from './protocol.ts';

export type ShimHandlers = { readonly [M in ShimMethod]: (params: ShimMethods[M]['params']) => ShimMethods[M]['result'] | Promise<ShimMethods[M]['result']> };

/** A subscriber that lets this much wait is cut off; it connects again and lists. */
const SUBSCRIBER_LIMIT_BYTES = 8 * 1024 * 1024;
const MAX_PENDING = 10_000;

export interface ControlServer {
  publish(event: RuntimeEvent): void;
  close(): void;
}

function failureOf(error: unknown): ShimFailure {
  if (error instanceof Error) return { code: String((error as NodeJS.ErrnoException).code ?? 'ERR_SHIM'), message: error.message };
  return { code: 'ERR_SHIM', message: String(error) };
}

/** Listens on the Unix socket `path`, for this user alone, and answers requests line by line. */
export async function serveControl(path: string, handlers: ShimHandlers): Promise<ControlServer> {
  const subscribers = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    serveConnection(socket, handlers, () => subscribers.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      subscribers.delete(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  chmodSync(path, 0o600);
  return {
    publish(event) {
      if (subscribers.size === 0) return;
      const line = `${JSON.stringify({ event } satisfies ShimLine)}\n`;
      for (const socket of subscribers) {
        if (socket.writableLength > SUBSCRIBER_LIMIT_BYTES) socket.destroy();
        else socket.write(line);
      }
    },
    close() {
      server.close();
      for (const socket of sockets) socket.end();
    },
  };
}

function serveConnection(socket: Socket, handlers: ShimHandlers, subscribe: () => void): void {
  let pending = 0;
  let buffered = '';
  const reply = (line: ShimLine) => {
    if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
  };
  const handle = async (text: string) => {
    let request: ShimRequest;
    try {
      request = JSON.parse(text) as ShimRequest;
    } catch {
      socket.destroy();
      return;
    }
    const { id, method, params = {} } = request;
    if (!Object.hasOwn(handlers, method)) {
      return reply({
        id,
        error: { code: 'ERR_SHIM_METHOD', message: `unknown method ${JSON.stringify(method)}; this shim is older or newer than its caller` },
      });
    }
    pending += 1;
    try {
      if (method === 'subscribe') subscribe();
      reply({ id, result: await (handlers[method as ShimMethod] as (given: object) => object | Promise<object>)(params) });
    } catch (error) {
      reply({ id, error: failureOf(error) });
    } finally {
      pending -= 1;
    }
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    buffered += text;
    for (let end = buffered.indexOf('\n'); end >= 0; end = buffered.indexOf('\n')) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 1);
      if (line) void handle(line);
    }
    if (buffered.length > LINE_LIMIT_BYTES || pending > MAX_PENDING) socket.destroy();
  });
  // A caller that goes away mid-answer is no fault of ours.
  socket.on('error', () => socket.destroy());
}
