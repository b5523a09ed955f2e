import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../std/index.ts';
import { createForwarder, parseNameServers } from './forwarder.ts';

let upstream: Socket;
let asked: number;
let answering: boolean;
let nowMs: number;
const clock: Clock = { ...systemClock, monotonic: () => nowMs, after: (delayMs, run) => systemClock.after(delayMs / 20, run) };

beforeEach(async () => {
  asked = 0;
  answering = true;
  nowMs = 0;
  upstream = createSocket('udp4');
  upstream.on('message', (query, from) => {
    asked += 1;
    if (!answering) return;
    const { id, questions } = dnsPacket.decode(query);
    const name = questions?.[0]?.name ?? '';
    // An answer to another question must not be believed.
    upstream.send(
      dnsPacket.encode({
        type: 'response',
        id: id ?? 0,
        questions: [{ type: 'A', name: `x${name}` }],
        answers: [{ type: 'A', name, ttl: 60, data: '6.6.6.6' }],
      }),
      from.port,
      from.address,
    );
    upstream.send(
      dnsPacket.encode({ type: 'response', id: id ?? 0, questions: questions ?? [], answers: [{ type: 'A', name, ttl: 60, data: '203.0.113.5' }] }),
      from.port,
      from.address,
    );
  });
  upstream.bind(0, '127.0.0.1');
  await once(upstream, 'listening');
});
afterEach(() => upstream.close());

const query = (id: number): Buffer =>
  dnsPacket.encode({ type: 'query', id, flags: dnsPacket.RECURSION_DESIRED, questions: [{ type: 'A', name: 'example.com' }] });
const open = () => createForwarder({ clock, own: '10.96.0.10', servers: () => [{ host: '127.0.0.1', port: upstream.address().port }] });

describe('the forwarder', () => {
  it('asks equal questions once, answers each under its own id, and keeps the answer for 30 s at most', async () => {
    const forwarder = open();
    const answers = await Promise.all([1, 2, 3].map((id) => forwarder.forward(query(id), 'udp')));
    expect(answers.map((answer) => dnsPacket.decode(answer).id)).toEqual([1, 2, 3]);
    expect(dnsPacket.decode(answers[0] ?? Buffer.alloc(0)).answers).toMatchObject([{ data: '203.0.113.5', ttl: 60 }]);
    nowMs = 20_000;
    expect(dnsPacket.decode(await forwarder.forward(query(4), 'udp')).answers).toMatchObject([{ ttl: 40 }]);
    expect(asked).toBe(1);
    nowMs = 31_000;
    await forwarder.forward(query(5), 'udp');
    expect(asked).toBe(2);
  });

  it('says that it failed when no name server answers, and does not keep that', async () => {
    answering = false;
    const forwarder = open();
    expect(dnsPacket.decode(await forwarder.forward(query(7), 'udp'))).toMatchObject({ id: 7, rcode: 'SERVFAIL' });
    answering = true;
    expect(dnsPacket.decode(await forwarder.forward(query(8), 'udp'))).toMatchObject({ id: 8, rcode: 'NOERROR' });
  });

  it('reads name servers as the C library does', () => {
    expect(parseNameServers('# x\nnameserver 1.1.1.1\nnameserver nonsense\n nameserver ::1 # y\nnameserver 2.2.2.2\nnameserver 3.3.3.3\n')).toEqual([
      '1.1.1.1',
      '::1',
      '2.2.2.2',
    ]);
  });
});
