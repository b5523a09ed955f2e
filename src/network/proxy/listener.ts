import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, errorText, type Timer } from '../../std/index.ts';
import type { ListenFailure } from '../link/protocol.ts';
import type { Binder } from './binder.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** Where a listener is and whose it is. */
export interface ListenAddress {
  readonly service: string;
  readonly kind: 'cluster' | 'nodePort' | 'dns';
  readonly protocol: 'TCP' | 'UDP';
  readonly host: string;
  readonly port: number;
}

export interface OpenListener {
  readonly address: ListenAddress;
  readonly failure: ListenFailure | undefined;
  /** Resolves after the first attempt, whatever came of it. */
  readonly tried: Promise<void>;
  close(): void;
}

/** Keeps one address open: tries again with growing pauses while it is taken, and says so through `changed`. */
export function keepOpen(options: {
  readonly address: ListenAddress;
  readonly clock: Clock;
  readonly open: () => Promise<{ close(): void }>;
  readonly changed: () => void;
}): OpenListener {
  const { address, clock, open, changed } = options;
  let closed = false;
  let opened: { close(): void } | undefined;
  let failure: ListenFailure | undefined;
  let pauseMs = FIRST_RETRY_MS;
  let retry: Timer | undefined;
  const attempt = async (): Promise<void> => {
    try {
      const got = await open();
      if (closed) return got.close();
      opened = got;
      const hadFailed = failure !== undefined;
      failure = undefined;
      if (hadFailed) changed();
    } catch (error) {
      if (closed) return;
      const message = errorText(error);
      const isNews = failure?.message !== message;
      failure = { ...address, message };
      retry = clock.after(pauseMs, () => void attempt());
      pauseMs = Math.min(LAST_RETRY_MS, pauseMs * 2);
      if (isNews) changed();
    }
  };
  const tried = attempt();
  return {
    address,
    tried,
    get failure() {
      return failure;
    },
    close() {
      closed = true;
      retry?.close();
      opened?.close();
    },
  };
}

/** Listens on a TCP address through the binder; closing it leaves accepted connections alone, and the socket with whoever holds it for the next proxy. */
export async function openTcp(options: {
  readonly binder: Binder;
  readonly host: string;
  readonly port: number;
  readonly accept: (client: Socket) => void;
}): Promise<{ close(): void }> {
  const { binder, host, port, accept } = options;
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  await binder.listen(server, host, port);
  // An error of accept() concerns one connection (out of descriptors); the socket stays open.
  server.on('error', () => undefined);
  return { close: () => void server.close() };
}
