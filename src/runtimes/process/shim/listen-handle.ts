import net from 'node:net';

/**
 * A listening TCP socket that this process holds without ever accepting on it. This file alone touches Node's underscore API: no public function
 * makes a bound socket that does not accept, and a plain net.Server would take connections away from the replicas.
 */
export interface ListenHandle {
  readonly fd: number;
  open(fd: number): number;
  listen(backlog: number): number;
  readStart(): number;
  readStop(): number;
  close(): void;
  getsockname(out: { address?: string; port?: number }): number;
}

type CreateServerHandle = (address: string | null, port: number, addressType: number, fd: number, flags: number) => ListenHandle | number;

const createServerHandle = (): CreateServerHandle => {
  const create = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;
  if (!create) throw new Error(`holding sockets: Node ${process.version} has no net._createServerHandle; use Node 20, 22 or 24`);
  return create;
};

const BACKLOG = 511;

/** Thrown by `holdAddress`; `errno` is the kernel's number (negative, as libuv gives it). */
export class BindError extends Error {
  readonly errno: number;
  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** Binds and listens, so that connections queue from now on. Throws BindError. `host` is an address, not a name; port 0 chooses one. */
export function holdAddress(host: string, port: number): ListenHandle {
  const handle = createServerHandle()(host, port, net.isIPv6(host) ? 6 : 4, -1, 0);
  if (typeof handle === 'number') throw new BindError(handle, `bind ${host}:${port} failed with ${handle}`);
  // Opening its own descriptor marks the handle readable; only then does readStop take it out of the event loop again, which is what keeps
  // this process from accepting. All of it happens within one turn, so no connection can slip in.
  handle.open(handle.fd);
  const error = handle.listen(BACKLOG);
  if (error !== 0) {
    handle.close();
    throw new BindError(error, `listen on ${host}:${port} failed with ${error}`);
  }
  handle.readStart();
  handle.readStop();
  return handle;
}

/** Takes over a listening socket that was inherited as a descriptor. */
export function holdDescriptor(fd: number): ListenHandle {
  const handle = createServerHandle()(null, 0, -1, fd, 0);
  if (typeof handle === 'number') throw new BindError(handle, `descriptor ${fd} is no socket that can be held`);
  return handle;
}

export function boundPort(handle: ListenHandle): number {
  const name: { address?: string; port?: number } = {};
  handle.getsockname(name);
  return name.port ?? 0;
}
