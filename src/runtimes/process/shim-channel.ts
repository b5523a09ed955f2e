import type { Clock } from '../../std/index.ts';
import { CHANNEL, type ParentMessage } from './shim/protocol.ts';

/** What can be given to `net.Server.listen`: a socket that the shim holds as well. */
export interface ListenTarget {
  readonly fd: number;
  close(): void;
}

/** A duplicate of a socket that the shim holds, to be given to the shim's successor. */
export interface KeptSocket {
  readonly host: string;
  readonly port: number;
  readonly group: string;
  readonly users: readonly string[];
  readonly handle: ListenTarget;
}

/** An address could not be bound: `code` is the system's, `message` says who holds it. */
class BindFailure extends Error {
  readonly code: string;
  readonly errno: number;
  constructor(code: string, errno: number, message: string) {
    super(message);
    this.code = code;
    this.errno = errno;
  }
}

/** The IPC channel of a program that the shim started: the only way on which sockets can travel. */
export interface ShimChannel {
  readonly connected: boolean;
  bind(host: string, port: number): Promise<ListenTarget>;
  /** Says that this program serves now; its predecessor may go. */
  serving(): void;
  kept(): readonly KeptSocket[];
  close(): void;
}

const BIND_LIMIT_MS = 10_000;

/** Attaches to the channel of `host` (this process). */
export function openShimChannel(clock: Clock, host: NodeJS.Process = process): ShimChannel {
  const waiting = new Map<number, { resolve: (handle: ListenTarget) => void; reject: (error: Error) => void }>();
  const kept = new Map<string, KeptSocket>();
  let nextId = 1;
  const onMessage = (message: ParentMessage, handle: ListenTarget | undefined) => {
    if (message.cmd !== CHANNEL) return;
    if (message.act === 'socket') {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) call?.reject(new BindFailure(message.error.code, message.error.errno, message.error.message));
      else if (call && handle) call.resolve(handle);
      else handle?.close();
    } else if (message.act === 'keep' && handle) {
      const key = `${message.host} ${message.port}`;
      kept.get(key)?.handle.close();
      kept.set(key, { host: message.host, port: message.port, group: message.group, users: message.users, handle });
    } else if (message.act === 'unkeep') {
      const key = `${message.host} ${message.port}`;
      kept.get(key)?.handle.close();
      kept.delete(key);
    }
  };
  host.on('internalMessage' as 'message', onMessage as never);
  if (host.connected) host.send?.({ cmd: CHANNEL, act: 'attached' }, undefined, undefined, () => {});
  return {
    get connected() {
      return host.connected === true;
    },
    bind(address, port) {
      return new Promise((resolve, reject) => {
        if (!host.connected || !host.send)
          return reject(new BindFailure('ERR_SHIM_LOST', 0, `binding ${address}:${port}: this process was not started by a shim, or the shim is gone`));
        const id = nextId++;
        const limit = clock.after(BIND_LIMIT_MS, () => {
          waiting.delete(id);
          reject(new BindFailure('ERR_SHIM_TIMEOUT', 0, `binding ${address}:${port}: the shim did not answer within ${BIND_LIMIT_MS} ms`));
        });
        const settle =
          <T>(run: (value: T) => void) =>
          (value: T) => {
            limit.close();
            run(value);
          };
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
        host.send({ cmd: CHANNEL, act: 'bind', id, host: address, port }, undefined, undefined, () => {});
      });
    },
    serving() {
      if (host.connected) host.send?.({ cmd: CHANNEL, act: 'serving' }, undefined, undefined, () => {});
    },
    kept: () => [...kept.values()],
    close() {
      host.off('internalMessage' as 'message', onMessage as never);
    },
  };
}
