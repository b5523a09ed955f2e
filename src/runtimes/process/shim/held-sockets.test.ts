import { connect, createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { HeldSockets } from './held-sockets.ts';

const dial = (port: number) =>
  new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });

test('connections to a held socket wait, unaccepted, for whoever listens on it', async () => {
  const held = new HeldSockets();
  const { socket, changed } = held.acquire({ host: '127.0.0.1', port: 0, group: 'a' });
  expect([changed, socket.port > 0]).toEqual([true, true]);
  const early = dial(socket.port);
  await new Promise((resolve) => setImmediate(resolve));
  const server: Server = createServer((client) => client.end('served'));
  server.listen({ fd: socket.handle.fd });
  expect(await early).toBe('served');
  server.close();
});

test('the same group shares, another is told who holds the port', () => {
  const held = new HeldSockets();
  const { socket } = held.acquire({ host: '127.0.0.1', port: 0, group: 'default/a', user: 'pod-1' });
  expect(held.acquire({ host: '127.0.0.1', port: socket.port, group: 'default/a', user: 'pod-2' })).toEqual({ socket, changed: true });
  expect(() => held.acquire({ host: '127.0.0.1', port: socket.port, group: 'default/b' })).toThrow(/held by the app default\/a/);
  expect(held.leave('pod-1')).toEqual([]);
  expect(held.leave('pod-2')).toEqual([socket]);
  held.close();
});

test('a released address is free again and refuses', async () => {
  const held = new HeldSockets();
  const { socket } = held.acquire({ host: '127.0.0.1', port: 0, group: 'a' });
  held.release(socket);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await dial(socket.port)).toBe('ECONNREFUSED');
  expect(held.list()).toEqual([]);
});

test('a port that a program listens on is refused with its owner', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const attempt = () => new HeldSockets().acquire({ host: '127.0.0.1', port, group: 'a' });
  expect(attempt).toThrow(`port ${port} is held by pid ${process.pid} (`);
  expect(attempt).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  server.close();
});
