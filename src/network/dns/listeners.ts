import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../std/index.ts';
import { type Binder, explain } from '../proxy/binder.ts';
import { openTcp } from '../proxy/listener.ts';
import type { Responder } from './responder.ts';

const IDLE_MS = 10_000;
const CONNECTIONS = 200;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** Answers queries that come as datagrams. */
export function openUdpDns({ host, port, respond }: { readonly host: string; readonly port: number; readonly respond: Responder }): Promise<{ close(): void }> {
  const socket = createSocket({ type: 'udp4' });
  let open = true;
  socket.on('message', (query, from) => {
    void respond(query, 'udp').then((answer) => {
      if (answer && open) socket.send(answer, from.port, from.address);
    });
  });
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(new Error(explain('UDP', host, port, error), { cause: error }));
    socket.once('error', failed);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', failed);
      // A later error concerns one datagram.
      socket.on('error', () => undefined);
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      resolve({
        close() {
          open = false;
          socket.close();
        },
      });
    });
  });
}

/** Answers queries that come over TCP, several on one connection. */
export function openTcpDns(options: {
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly binder: Binder;
  readonly respond: Responder;
}): Promise<{ close(): void }> {
  const { host, port, clock, binder, respond } = options;
  let connections = 0;
  return openTcp({
    binder,
    host,
    port,
    accept(client) {
      if (connections >= CONNECTIONS) return void client.destroy();
      connections += 1;
      client.on('close', () => {
        connections -= 1;
      });
      serve({ client, respond, clock });
    },
  });
}

function serve({ client, respond, clock }: { readonly client: Socket; readonly respond: Responder; readonly clock: Clock }): void {
  let received = Buffer.alloc(0);
  let idle: Timer | undefined;
  const busy = () => {
    idle?.close();
    idle = clock.after(IDLE_MS, () => client.destroy());
  };
  busy();
  client.on('close', () => idle?.close());
  client.on('error', () => client.destroy());
  client.on('end', () => client.end());
  client.on('data', (chunk: Buffer) => {
    busy();
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const query = received.subarray(2, 2 + received.readUInt16BE(0));
      received = received.subarray(2 + query.length);
      void respond(query, 'tcp').then((answer) => {
        if (!answer || client.destroyed) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        client.write(Buffer.concat([length, answer]));
      });
    }
  });
}
