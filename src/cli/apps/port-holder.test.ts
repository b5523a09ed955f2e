import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { portHolder, portWished } from './port-holder.ts';

test.each([
  [['Error: listen EADDRINUSE: address already in use :::3000', '    at Server.setupListenHandle [as _listen2] (node:net:1908:16)'], 3000],
  [['Error: listen EADDRINUSE: address already in use 127.0.0.1:80'], 80],
  [['Error: listen EADDRINUSE: port 28602 is held by pid 4 (node x.js)'], 28602],
  [["    code: 'EADDRINUSE',", "    syscall: 'listen',", '    port: 28601'], 28601],
  [['OSError: [Errno 98] Address already in use'], undefined],
  [['TypeError: x is not a function', '    port: 1'], undefined],
])('the port that a program could not have is found in its last lines: %j', (lines, port) => {
  expect(portWished(lines)).toBe(port);
});

test.runIf(process.platform === 'linux')('who holds a port is named by its process, and nobody once it is free', async () => {
  const server = createServer();
  const port = await new Promise<number>((done) => server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)));
  expect(portHolder(port)).toMatch(new RegExp(`^pid ${process.pid} \\(.*node.*\\)$`));
  await new Promise((done) => server.close(done));
  expect(portHolder(port)).toBeUndefined();
});
