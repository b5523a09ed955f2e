import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv4, isIPv6 } from 'node:net';
import { type Clock, readIfThere } from '../../std/index.ts';
import { AnswerCache } from './answer-cache.ts';
import { bareAnswer, HEADER_BYTES, questionBytes } from './wire.ts';

export type DnsTransport = 'udp' | 'tcp';

export interface Forwarder {
  /** The machine's name servers' answer; SERVFAIL when none answers. Never rejects. */
  forward(query: Buffer, transport: DnsTransport): Promise<Buffer>;
  close(): void;
}

export interface NameServer {
  readonly host: string;
  readonly port: number;
}

const SERVFAIL = 2;
const ATTEMPT_MS = 2_000;
const ROUNDS = 2;
const AT_ONCE = 500;
const REREAD_MS = 5_000;

/** `nameserver` lines of a resolv.conf; at most three, as the C library. */
export function parseNameServers(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => isIPv4(address) || isIPv6(address.split('%')[0] ?? ''))
    .slice(0, 3);
}

/** Asks the machine's name servers, with a cache of at most 30 s, a limit on queries at once, and equal queries asked once. */
export function createForwarder(options: {
  readonly clock: Clock;
  /** This server's own address, never asked. */
  readonly own: string;
  /** Default: those of /etc/resolv.conf, read again when older than 5 s. */
  readonly servers?: () => readonly NameServer[];
}): Forwarder {
  const { clock, own } = options;
  const servers = options.servers ?? machineServers(clock, own);
  const cache = new AnswerCache(clock);
  const underWay = new Map<string, Promise<Buffer>>();
  let closed = false;
  const ask = async (query: Buffer, transport: DnsTransport): Promise<Buffer | undefined> => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers()) {
        if (closed) return undefined;
        const answer = transport === 'udp' ? await askUdp(server, query, clock) : await askTcp(server, query, clock);
        // A server that fails or refuses is passed over while another may know.
        if (answer && (answer[3] ?? 0) % 16 !== SERVFAIL && (answer[3] ?? 0) % 16 !== 5) return answer;
      }
    }
    return undefined;
  };
  return {
    async forward(query, transport) {
      const key = `${transport}${query.toString('latin1', 2)}`;
      const withOwnId = (answer: Buffer): Buffer => {
        const copy = Buffer.from(answer);
        query.copy(copy, 0, 0, 2);
        return copy;
      };
      const cached = cache.get(key);
      if (cached) return withOwnId(cached);
      let waiting = underWay.get(key);
      if (!waiting) {
        if (underWay.size >= AT_ONCE) return bareAnswer(query, SERVFAIL);
        waiting = ask(query, transport)
          .catch(() => undefined)
          .then((answer) => {
            underWay.delete(key);
            if (answer) cache.put(key, answer);
            return answer ?? bareAnswer(query, SERVFAIL);
          });
        underWay.set(key, waiting);
      }
      return withOwnId(await waiting);
    },
    close() {
      closed = true;
    },
  };
}

function machineServers(clock: Clock, own: string): () => readonly NameServer[] {
  let readMs = Number.NEGATIVE_INFINITY;
  let known: readonly NameServer[] = [];
  return () => {
    if (clock.monotonic() - readMs > REREAD_MS) {
      readMs = clock.monotonic();
      known = parseNameServers(readIfThere('/etc/resolv.conf') ?? '')
        .filter((host) => host !== own)
        .map((host) => ({ host, port: 53 }));
    }
    return known;
  };
}

/** The query under an id that cannot be guessed, and the check that an answer belongs to it. */
function disguise(query: Buffer): { readonly sent: Buffer; readonly belongs: (answer: Buffer) => boolean } {
  const sent = Buffer.from(query);
  sent.writeUInt16BE(randomInt(0x1_0000), 0);
  const question = questionBytes(query);
  return {
    sent,
    belongs: (answer) => {
      const answered = questionBytes(answer);
      return (
        answer.length >= HEADER_BYTES &&
        answer.readUInt16BE(0) === sent.readUInt16BE(0) &&
        ((answer[2] ?? 0) & 0x80) !== 0 &&
        !!question &&
        !!answered &&
        question.equals(answered)
      );
    },
  };
}

function askUdp(server: NameServer, query: Buffer, clock: Clock): Promise<Buffer | undefined> {
  const { sent, belongs } = disguise(query);
  return new Promise((resolve) => {
    // A socket of its own each time: its port is as hard to guess as the id.
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    const finish = (answer?: Buffer) => {
      limit.close();
      socket.close();
      resolve(answer);
    };
    const limit = clock.after(ATTEMPT_MS, finish);
    socket.on('error', () => finish());
    socket.on('message', (answer) => {
      if (belongs(answer)) finish(answer);
    });
    socket.connect(server.port, server.host, () => socket.send(sent));
  });
}

function askTcp(server: NameServer, query: Buffer, clock: Clock): Promise<Buffer | undefined> {
  const { sent, belongs } = disguise(query);
  return new Promise((resolve) => {
    const socket = connect({ host: server.host, port: server.port });
    let received = Buffer.alloc(0);
    const finish = (answer?: Buffer) => {
      limit.close();
      socket.destroy();
      resolve(answer);
    };
    const limit = clock.after(ATTEMPT_MS, finish);
    socket.on('error', () => finish());
    socket.on('close', () => finish());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      finish(belongs(answer) ? answer : undefined);
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sent.length);
    socket.write(Buffer.concat([length, sent]));
  });
}
