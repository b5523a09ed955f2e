import { connect, type Socket } from 'node:net';
import type { Clock } from '../../std/index.ts';
import type { RuntimeEvent } from '../contract.ts';
import type { ShimFailure, ShimLine, ShimMethod, ShimMethods } from './shim/protocol.ts';

/** The shim did not answer, or answered with a failure. `code` is the shim's own, or ERR_SHIM_LOST, ERR_SHIM_TIMEOUT, ERR_SHIM_ABSENT. */
export class ShimError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: ShimError) => void;
  readonly stopTimer: () => void;
}

const CALL_LIMIT_MS = 30_000;

/** One connection to `shim.sock`. */
export interface ShimConnection {
  call<M extends ShimMethod>(method: M, params: ShimMethods[M]['params'], limitMs?: number): Promise<ShimMethods[M]['result']>;
  close(): void;
}

/** Connects; rejects with ShimError when no shim listens. `onClose` is called once when the connection is gone, unless `close` ended it. */
export async function openShimConnection(
  path: string,
  options: { readonly clock: Clock; readonly onEvent: (event: RuntimeEvent) => void; readonly onClose: () => void },
): Promise<ShimConnection> {
  const socket = await dial(path);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let closed = false;
  let buffered = '';
  const onLine = (line: ShimLine) => {
    if ('event' in line) return options.onEvent(line.event);
    const call = waiting.get(line.id);
    if (!call) return;
    waiting.delete(line.id);
    call.stopTimer();
    if ('error' in line) call.reject(failure(line.error));
    else call.resolve(line.result as never);
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    buffered += text;
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines) if (line) onLine(JSON.parse(line) as ShimLine);
  });
  const fail = () => {
    for (const call of waiting.values()) {
      call.stopTimer();
      call.reject(new ShimError('ERR_SHIM_LOST', `the connection to the shim at ${path} was lost; it comes back by itself`));
    }
    waiting.clear();
  };
  // The close that follows every error tells what matters.
  socket.on('error', () => {});
  socket.once('close', () => {
    fail();
    if (!closed) options.onClose();
    closed = true;
  });
  return {
    call(method, params, limitMs = CALL_LIMIT_MS) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new ShimError('ERR_SHIM_LOST', `there is no connection to the shim at ${path}`));
        const id = nextId++;
        const timer = options.clock.after(limitMs, () => {
          waiting.delete(id);
          reject(new ShimError('ERR_SHIM_TIMEOUT', `the shim did not answer ${method} within ${limitMs} ms`));
        });
        waiting.set(id, { resolve: resolve as (result: never) => void, reject, stopTimer: () => timer.close() });
        socket.write(`${JSON.stringify({ id, method, params })}\n`);
      });
    },
    close() {
      closed = true;
      socket.destroy();
      fail();
    },
  };
}

const failure = (error: ShimFailure): ShimError => new ShimError(error.code, error.message);

function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) => reject(new ShimError('ERR_SHIM_ABSENT', `no shim answers at ${path}`, { cause })));
  });
}
