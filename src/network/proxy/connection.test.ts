import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../std/index.ts';
import { Balancer } from './balancer.ts';
import { directBinder } from './binder.ts';
import { breakOff } from './break-off.ts';
import { Connection } from './connection.ts';
import { openTcp } from './listener.ts';
import { Slots } from './slots.ts';

const servers: { close(): unknown }[] = [];
const sockets = new Set<Socket>();
let balancer: Balancer;
let open: Set<Connection>;
let slots: Slots;
let front: number;
let waitMs: number;

beforeEach(async () => {
  balancer = new Balancer();
  open = new Set();
  slots = new Slots(4);
  waitMs = 10_000;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  front = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
  const accept = (client: Socket) => void new Connection(client, { balancer, open, slots, clock: systemClock, waitMs, connectMs: 1_000 });
  servers.push(await openTcp({ binder: directBinder, host: '127.0.0.1', port: front, accept }));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});

/** Starts an endpoint and returns its address. */
async function endpoint(serve: (socket: Socket) => void, port = 0): Promise<string> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(): Socket {
  const socket = connect({ host: '127.0.0.1', port: front, allowHalfOpen: true });
  sockets.add(socket);
  return socket;
}

/** Everything that comes until the end; rejects when the connection breaks. */
async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // Not `for await`, which destroys the socket at its end and with it the other direction.
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

const GET = 'GET / HTTP/1.1\r\nHost: web\r\n\r\n';

describe('a forwarded connection', () => {
  it('carries what comes after the other side has ended', async () => {
    balancer.update([await endpoint((socket) => void readAll(socket).then((got) => socket.end(`got ${got.length}`)))]);
    const socket = client();
    socket.end('hello');
    expect(String(await readAll(socket))).toBe('got 5');
  });

  it('carries much data both ways without loss past slow readers', async () => {
    const size = 24 * 1024 * 1024;
    balancer.update([await endpoint((socket) => void socket.pipe(socket))]);
    const socket = client();
    const sent = Buffer.alloc(size, 'drover ');
    socket.end(sent);
    await once(socket, 'connect');
    socket.pause();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await readAll(socket)).equals(sent)).toBe(true);
  });

  it('tries the next endpoint when one refuses', async () => {
    const dead = await endpoint(() => undefined);
    await new Promise((resolve) => (servers.pop() as Server).close(resolve));
    balancer.update([dead, await endpoint((socket) => socket.end('alive'))]);
    for (let n = 0; n < 5; n++) {
      const socket = client();
      expect(String(await readAll(socket))).toBe('alive');
      socket.end();
    }
  });

  it('waits for an endpoint, and is reset when none comes in time', async () => {
    const socket = client();
    await once(socket, 'connect');
    balancer.update([await endpoint((upstream) => upstream.end('at last'))]);
    expect(String(await readAll(socket))).toBe('at last');
    balancer.update([]);
    waitMs = 50;
    await expect(readAll(client())).rejects.toThrow('ECONNRESET');
  });

  it('repeats a GET on another endpoint when the first dies before it answers, and nothing that might be done twice', async () => {
    let asked = 0;
    const dying = await endpoint((socket) =>
      socket.once('data', () => {
        asked += 1;
        socket.destroy();
      }),
    );
    const living = await endpoint((socket) => socket.once('data', (said) => socket.end(said)));
    const other = await endpoint((socket) => socket.once('data', (said) => socket.end(said)));
    balancer.update([dying, living, other]);
    for (let n = 0; n < 2; n++) {
      const socket = client();
      socket.write(GET);
      expect(String(await readAll(socket))).toBe(GET);
    }
    expect(asked).toBe(1);
    balancer.update([dying]);
    const socket = client();
    socket.write('POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n');
    expect(await readAll(socket).catch(() => Buffer.alloc(0))).toHaveLength(0);
    expect(asked).toBe(2);
  });

  it('tells a client that its endpoint broke off', async () => {
    let upstream: Socket | undefined;
    balancer.update([
      await endpoint((socket) => {
        upstream = socket;
        socket.once('data', () => socket.write('half an answer'));
      }),
    ]);
    const socket = client();
    socket.write(GET);
    await once(socket, 'data');
    const ended = readAll(socket);
    if (upstream) breakOff(upstream);
    await expect(ended).rejects.toThrow('ECONNRESET');
  });

  it('waits in line when all slots are taken, and leaves nothing behind', async () => {
    const held: Socket[] = [];
    balancer.update([
      await endpoint((socket) => {
        held.push(socket);
        socket.write('hi');
      }),
    ]);
    const clients = Array.from({ length: 6 }, client);
    const greeted = clients.map((socket) => once(socket, 'data'));
    await Promise.all(greeted.slice(0, 4));
    expect(held).toHaveLength(4);
    for (const socket of clients.slice(0, 2)) breakOff(socket);
    await Promise.all(greeted.slice(4));
    expect(held).toHaveLength(6);
    const closed = clients.slice(2).map((socket) => once(socket, 'close'));
    for (const socket of [...clients.slice(2), ...held]) socket.resume().end();
    await Promise.all(closed);
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect([slots.taken, slots.waiting]).toEqual([0, 0]);
  });
});
