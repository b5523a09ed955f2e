import type { Server } from 'node:net';
import { type Clock, errorCode, errorText } from '../../std/index.ts';
import { portOwner } from './port-owner.ts';

/** Opens listening sockets for the proxy. */
export interface Binder {
  /** Makes `server` listen on the address. Rejects with a message that names who holds the port. */
  listen(server: Server, host: string, port: number): Promise<void>;
  /** Nobody needs the address any more, not the next proxy either; called after the server was closed. */
  release(host: string, port: number): void;
}

/** Messages between the shim and its children carry this `cmd`; Node hands them to `internalMessage`, apart from a program's own. */
const CHANNEL = 'NODE_DROVER';

/** Part of a process that the shim's answers come through; `process` is one when it was started with an IPC channel. */
interface ParentChannel {
  readonly send?: ((message: object, handle?: undefined, options?: undefined, sent?: (error: Error | null) => void) => boolean) | undefined;
  on(event: 'internalMessage', handler: (message: unknown, handle: unknown) => void): unknown;
  on(event: 'disconnect', handler: () => void): unknown;
}

const ANSWER_LIMIT_MS = 5_000;

function listenOn(server: Server, target: { readonly host: string; readonly port: number } | object): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (run: () => void) => {
      server.off('error', failed);
      server.off('listening', done);
      run();
    };
    const failed = (error: Error) => settle(() => reject(error));
    const done = () => settle(resolve);
    server.once('error', failed);
    server.once('listening', done);
    server.listen(target);
  });
}

/** Binds in this process: the sockets end with it. */
export const directBinder: Binder = {
  async listen(server, host, port) {
    try {
      await listenOn(server, { host, port });
    } catch (error) {
      throw new Error(explain('TCP', host, port, error), { cause: error });
    }
  },
  release: () => undefined,
};

/** What a failed bind means, for a person. */
export function explain(protocol: 'TCP' | 'UDP', host: string, port: number, error: unknown): string {
  const where = `${protocol} ${host}:${port}`;
  switch (errorCode(error) ?? '') {
    case 'EADDRINUSE':
      return `${where} is held by ${portOwner(protocol, host, port) ?? 'another process'}`;
    case 'EACCES':
      return `${where} may not be opened by this user: ports below net.ipv4.ip_unprivileged_port_start need root`;
    case 'EADDRNOTAVAIL':
      return `${where} cannot be opened: this machine does not have the address (yet)`;
    default:
      return `${where} cannot be opened: ${errorText(error)}`;
  }
}

interface ShimAnswer {
  readonly id: number;
  readonly error?: { readonly message: string };
}

const isAnswer = (message: unknown): message is ShimAnswer =>
  typeof message === 'object' &&
  message !== null &&
  'cmd' in message &&
  message.cmd === CHANNEL &&
  'act' in message &&
  message.act === 'socket' &&
  'id' in message;

/** What came of asking: a handle, the reason of a refusal, or nothing at all (no answer, or no shim any more). */
type Outcome = { readonly type: 'bound'; readonly handle: object } | { readonly type: 'refused'; readonly message: string } | { readonly type: 'gone' };

/**
 * Lets the shim bind and keep the sockets, so that connections wait in them while the proxy is replaced. Without a shim, or once it is gone, sockets
 * are bound here.
 */
export function shimBinder(options: {
  readonly channel: ParentChannel;
  readonly clock: Clock;
  readonly release: (host: string, port: number) => void;
}): Binder {
  const { channel, clock, release } = options;
  if (channel.send === undefined) return directBinder;
  let connected = true;
  let lastId = 0;
  const asked = new Map<number, (outcome: Outcome) => void>();
  channel.on('internalMessage', (message, handle) => {
    if (!isAnswer(message)) return;
    const settle = asked.get(message.id);
    if (message.error) settle?.({ type: 'refused', message: message.error.message });
    else settle?.(typeof handle === 'object' && handle !== null ? { type: 'bound', handle } : { type: 'gone' });
  });
  channel.on('disconnect', () => {
    connected = false;
    for (const settle of [...asked.values()]) settle({ type: 'gone' });
  });
  const ask = (host: string, port: number) =>
    new Promise<Outcome>((resolve) => {
      const id = ++lastId;
      const limit = clock.after(ANSWER_LIMIT_MS, () => {
        asked.delete(id);
        resolve({ type: 'gone' });
      });
      asked.set(id, (outcome) => {
        asked.delete(id);
        limit.close();
        resolve(outcome);
      });
      const sent = (error: Error | null) => {
        if (error) asked.get(id)?.({ type: 'gone' });
      };
      channel.send?.({ cmd: CHANNEL, act: 'bind', id, host, port }, undefined, undefined, sent);
    });
  return {
    async listen(server, host, port) {
      const outcome = connected ? await ask(host, port) : ({ type: 'gone' } as const);
      if (outcome.type === 'refused') throw new Error(`TCP ${host}:${port} cannot be opened: ${outcome.message}`);
      if (outcome.type === 'bound') return listenOn(server, outcome.handle);
      return directBinder.listen(server, host, port);
    },
    release(host, port) {
      if (connected) release(host, port);
    },
  };
}
