import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../std/index.ts';
import { Balancer } from './balancer.ts';
import { openUdpForwarder } from './udp-forwarder.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** An endpoint that answers with its name. */
async function endpoint(name: string): Promise<string> {
  const socket = await bound();
  socket.on('message', (data, from) => socket.send(`${name} ${data}`, from.port, from.address));
  return `127.0.0.1:${socket.address().port}`;
}

it('sends the datagrams of one client to one endpoint, of several to all, and to another when theirs is gone', async () => {
  const endpoints = [await endpoint('a'), await endpoint('b')];
  const balancer = new Balancer();
  balancer.update(endpoints);
  const free = await bound();
  const { port } = free.address();
  free.close();
  open.splice(open.indexOf(free), 1);
  const allowed = new Set(endpoints);
  open.push(await openUdpForwarder({ host: '127.0.0.1', port, balancer, clock: systemClock, allowed: (address) => allowed.has(address) }));
  const ask = async (client: Socket): Promise<string> => {
    client.send('hi', port, '127.0.0.1');
    const [answer] = await once(client, 'message');
    return String(answer);
  };
  const [first, second] = [await bound(), await bound()];
  expect([await ask(first), await ask(first), await ask(second), await ask(first)]).toEqual(['a hi', 'a hi', 'b hi', 'a hi']);
  allowed.delete(endpoints[0] ?? '');
  balancer.update(endpoints.slice(1));
  expect(await ask(first)).toBe('b hi');
});
