import { chmod, mkdir, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { connect, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Closable } from '../../std/index.ts';
import type { Credentials } from '../request/call.ts';

export type HttpRequest = IncomingMessage | Http2ServerRequest;
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** What a listener hands its requests to. */
export interface RequestSink {
  request(request: HttpRequest, response: HttpResponse, credentials: Credentials): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, credentials: Credentials): void;
}

/** Where the HTTPS listener listens: an address of its own, or a socket that somebody else bound. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly fd: number } | { readonly handle: unknown };

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Clients' certificates must come from it. */
  readonly authority: string;
}

export interface Listener extends Closable {
  /** The bound port; 0 for a Unix socket. */
  readonly port: number;
}

export interface HttpsListener extends Listener {
  /** Takes renewed certificates for new connections. */
  renew(files: TlsFiles): void;
}

/** Many clients may come at once after a restart; Node's own 511 is too few for them. */
const BACKLOG = 4096;

/** Another daemon answers on this socket. */
class SocketInUseError extends Error {
  readonly code = 'ERR_SOCKET_IN_USE';
  constructor(path: string) {
    super(`listening on ${path}: another daemon of this home already answers there; stop it with "drover daemon stop" or use another DROVER_HOME`);
  }
}

/** Listens on a Unix socket that only its owner can open. A socket left by a dead daemon is replaced, that of a living one is not. */
export async function listenUnix(path: string, sink: RequestSink): Promise<Listener> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await requireFree(path);
  const credentials: Credentials = { type: 'unix-socket' };
  const server = createServer((request, response) => sink.request(request, response, credentials));
  server.on('upgrade', (request, socket, head) => sink.upgrade(request, socket, head, credentials));
  server.keepAliveTimeout = 60_000;
  // Bound where nobody else can look, made private, then moved to its place: at no moment can others connect.
  const hidden = await mkdtemp(join(dirname(path), '.s'));
  try {
    const draft = join(hidden, 's');
    await listening(server, () => server.listen({ path: draft, backlog: BACKLOG }));
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(hidden, { recursive: true, force: true });
  }
  const listener = closable(server, 0);
  return {
    port: 0,
    async close() {
      await unlink(path).catch(ignoreMissing);
      await listener.close();
    },
  };
}

/** HTTPS with HTTP/2 and HTTP/1.1; client certificates are asked for, and the filters decide what their absence means. */
export async function listenHttps(address: ListenAddress, files: TlsFiles, sink: RequestSink): Promise<HttpsListener> {
  const server = createSecureServer({
    allowHTTP1: true,
    cert: files.certificate,
    key: files.key,
    ca: files.authority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  const known = new WeakMap<object, Credentials>();
  const credentialsOf = (socket: object): Credentials => {
    const found = known.get(socket) ?? tlsCredentials(socket);
    known.set(socket, found);
    return found;
  };
  server.on('request', (request, response) => sink.request(request, response, credentialsOf(request.stream?.session?.socket ?? request.socket)));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => sink.upgrade(request, socket, head, credentialsOf(socket)));
  await listening(server, () => {
    if ('handle' in address) server.listen(address.handle);
    else server.listen('fd' in address ? { fd: address.fd } : { host: address.host, port: address.port, backlog: BACKLOG });
  });
  const bound = server.address();
  const listener = closable(server, typeof bound === 'object' && bound ? bound.port : 0);
  return { ...listener, renew: (next) => server.setSecureContext({ cert: next.certificate, key: next.key, ca: next.authority }) };
}

function tlsCredentials(socket: unknown): Credentials {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (typeof getPeerCertificate !== 'function') return { type: 'tls' };
  const certificate = (socket as TLSSocket).getPeerCertificate();
  const subject = certificate?.subject as { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined;
  if (!subject?.CN) return { type: 'tls' };
  if (!authorized) return { type: 'tls', certificate: 'rejected' };
  const commonName = Array.isArray(subject.CN) ? (subject.CN[0] ?? '') : subject.CN;
  const organizations = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O];
  return { type: 'tls', certificate: { commonName, organizations } };
}

const listening = (server: Server | Http2SecureServer, listen: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });

/** Closing ends every connection: long watches would keep it open for ever, and clients reconnect. */
function closable(server: Server | Http2SecureServer, port: number): Listener {
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    // A client whose machine is gone is noticed, also by a watch that has nothing to say.
    socket.setKeepAlive(true, 30_000);
    socket.once('close', () => open.delete(socket));
  };
  server.on('connection', track);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

async function requireFree(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) throw new SocketInUseError(path);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
