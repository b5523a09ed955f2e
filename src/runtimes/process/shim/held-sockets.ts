import { constants } from 'node:os';
import { portOwner } from '../socket-table.ts';
import { BindError, boundPort, holdAddress, holdDescriptor, type ListenHandle } from './listen-handle.ts';
import type { TurnFiles } from './turn-files.ts';

export interface HeldSocket {
  readonly host: string;
  readonly port: number;
  /** Who may share it: an app (`shop/api`), or drover's own parts. */
  readonly group: string;
  readonly handle: ListenHandle;
  /** Sandboxes that asked for it. */
  readonly users: Set<string>;
}

/** An address could not be given; `code` is the system's (EADDRINUSE, EACCES…), `message` names the owner where one is seen. */
export class AddressError extends Error {
  readonly code: string;
  readonly errno: number;
  constructor(code: string, errno: number, message: string) {
    super(message);
    this.code = code;
    this.errno = errno;
  }
}

const isAny = (host: string): boolean => host === '::' || host === '0.0.0.0';

const nameOf = (errno: number): string => Object.entries(constants.errno).find(([, value]) => value === -errno)?.[0] ?? `errno ${-errno}`;

function bindFailure(host: string, port: number, errno: number): AddressError {
  const code = nameOf(errno);
  if (code === 'EADDRINUSE') {
    const owner = portOwner(host, port);
    return new AddressError(code, errno, `port ${port} is held by ${owner ?? 'another process that this user cannot see'}`);
  }
  if (code === 'EACCES') {
    return new AddressError(
      code,
      errno,
      `port ${port} may not be bound by this user; use a port from 1024 up, or run drover as root (or set net.ipv4.ip_unprivileged_port_start)`,
    );
  }
  return new AddressError(code, errno, `binding ${host}:${port} failed: ${code}`);
}

/** Listening sockets that outlive those who accept on them. */
export class HeldSockets {
  readonly #held = new Map<string, HeldSocket>();
  readonly #turns: TurnFiles | undefined;

  constructor(turns?: TurnFiles) {
    this.#turns = turns;
  }

  #find(host: string, port: number): HeldSocket | undefined {
    const exact = this.#held.get(`${host} ${port}`);
    if (exact || !isAny(host)) return exact;
    // Where IPv6 is missing `::` was bound as 0.0.0.0, and :: covers 0.0.0.0.
    return this.#held.get(`:: ${port}`) ?? this.#held.get(`0.0.0.0 ${port}`);
  }

  /** The socket of an address, bound now or before by the same group; `changed` when it is new or has a user more. Throws AddressError. */
  acquire(request: { readonly host: string; readonly port: number; readonly group: string; readonly user?: string }): {
    readonly socket: HeldSocket;
    readonly changed: boolean;
  } {
    const known = this.#find(request.host, request.port);
    if (known && known.group !== request.group) {
      throw new AddressError(
        'EADDRINUSE',
        -constants.errno.EADDRINUSE,
        `port ${request.port} is held by the app ${known.group}; give one of the two another port`,
      );
    }
    const socket = known ?? this.#bind(request.host, request.port, request.group);
    const joins = request.user !== undefined && !socket.users.has(request.user);
    if (request.user) socket.users.add(request.user);
    return { socket, changed: !known || joins };
  }

  #bind(host: string, port: number, group: string): HeldSocket {
    let handle: ListenHandle;
    let bound = host;
    try {
      handle = holdAddress(host, port);
    } catch (error) {
      const noIpv6 = host === '::' && error instanceof BindError && ['EAFNOSUPPORT', 'EINVAL', 'EADDRNOTAVAIL'].includes(nameOf(error.errno));
      if (!noIpv6) throw error instanceof BindError ? bindFailure(host, port, error.errno) : error;
      bound = '0.0.0.0';
      try {
        handle = holdAddress(bound, port);
      } catch (second) {
        throw second instanceof BindError ? bindFailure(bound, port, second.errno) : second;
      }
    }
    return this.#add({ host: bound, port: boundPort(handle), group, handle, users: new Set() });
  }

  /** Takes over a socket that a predecessor held. */
  adopt(host: string, port: number, group: string, fd: number, users: readonly string[]): void {
    this.#add({ host, port, group, handle: holdDescriptor(fd), users: new Set(users) });
  }

  #add(socket: HeldSocket): HeldSocket {
    this.#held.set(`${socket.host} ${socket.port}`, socket);
    return socket;
  }

  /** The file through which those who share the socket keep pace, for a replica run by `owner`. */
  turns(socket: HeldSocket, owner?: { readonly uid?: number }): string | undefined {
    return this.#turns?.open(socket.host, socket.port, owner);
  }

  list(): readonly HeldSocket[] {
    return [...this.#held.values()];
  }

  release(socket: HeldSocket): void {
    if (!this.#held.delete(`${socket.host} ${socket.port}`)) return;
    socket.handle.close();
    this.#turns?.remove(socket.host, socket.port);
  }

  releaseAddress(host: string, port: number, group: string): HeldSocket | undefined {
    const socket = this.#find(host, port);
    if (!socket || socket.group !== group) return undefined;
    this.release(socket);
    return socket;
  }

  /** A sandbox is gone; the sockets that nobody is left to use. */
  leave(user: string): HeldSocket[] {
    return this.list().filter((socket) => socket.users.delete(user) && socket.users.size === 0);
  }

  /** After a predecessor's end: sockets of which no user is left. Those that never had one are drover's own and stay. */
  abandoned(exists: (user: string) => boolean): HeldSocket[] {
    return this.list().filter((socket) => {
      const had = socket.users.size > 0;
      for (const user of socket.users) if (!exists(user)) socket.users.delete(user);
      return had && socket.users.size === 0;
    });
  }

  close(): void {
    for (const socket of this.list()) this.release(socket);
    this.#turns?.close();
  }
}
