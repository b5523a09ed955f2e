import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { decodeAddress, listeningSockets, portOwner } from './socket-table.ts';

test.each([
  ['0100007F', '127.0.0.1'],
  ['00000000', '0.0.0.0'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
])('%s is %s', (hex, text) => {
  expect(decodeAddress(hex)).toBe(text);
});

test('a listening socket is seen with its address and owner', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(listeningSockets().filter((socket) => socket.port === port)).toMatchObject([{ host: '127.0.0.1', port }]);
  expect(portOwner('0.0.0.0', port)).toMatch(new RegExp(`^pid ${process.pid} \\(`));
  server.close();
});

test('a free port has no owner', () => {
  expect(portOwner('127.0.0.1', 1)).toBeUndefined();
});
