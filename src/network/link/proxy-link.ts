import { createConnection, type Socket } from 'node:net';
import { type Clock, type Closable, errorText, type Timer } from '../../std/index.ts';
import type { ServiceRoute } from '../table/route.ts';
import { readLines, sendLine } from './lines.ts';
import { type ListenFailure, PROTOCOL, type TableDocument, type ToDaemon, type ToProxy } from './protocol.ts';

export interface ProxyLinkOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** The whole table as it should be now; undefined while it is not known. Sent whenever the proxy is reached anew. */
  readonly table: () => TableDocument | undefined;
  /** Called when the proxy does not answer, before every other attempt to reach it. */
  readonly startProxy: () => Promise<void>;
  readonly onFailures: (failures: readonly ListenFailure[]) => void;
  readonly log: (line: string) => void;
}

/** The daemon's end of proxy.sock. Whatever happens to either end, the proxy gets the whole table again when they meet. */
export interface ProxyLink extends Closable {
  readonly connected: boolean;
  /** Sends what changed; resolves when the proxy acts on it. Does nothing without a proxy: the next one gets the whole table. */
  change(set: readonly ServiceRoute[], removed: readonly string[]): Promise<void>;
  /** Resolves when the proxy acts on it; without a proxy, when the next one has the whole table. */
  withdraw(ip: string): Promise<void>;
  admit(ip: string): Promise<void>;
  /** Sends the whole table, when it becomes known. */
  resend(): void;
}

/** Whoever keeps the proxy starts another only when this one is gone. */
const REPLACED_DRAIN_MS = 2_000;
const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 1_000;

type Numbered = Extract<ToProxy, { readonly id: number }>;
type Unnumbered<Message> = Message extends { readonly id: number } ? Omit<Message, 'id'> : never;

export function openProxyLink(options: ProxyLinkOptions): ProxyLink {
  const { socketPath, clock, table, startProxy, onFailures, log } = options;
  let socket: Socket | undefined;
  let closed = false;
  let lastId = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let retry: Timer | undefined;
  const waiting = new Map<number, () => void>();
  // Called when a whole table was acknowledged: it contains everything asked for before it was sent.
  let behind: (() => void)[] = [];

  const sendTable = (): void => {
    const document = table();
    if (!socket || !document) return;
    const id = ++lastId;
    const served = [...waiting.values(), ...behind];
    waiting.clear();
    behind = [];
    waiting.set(id, () => {
      for (const run of served) run();
    });
    sendLine(socket, { type: 'table', id, table: document } satisfies ToProxy);
  };
  const take = (from: Socket, message: ToDaemon): void => {
    if (from !== socket) return;
    switch (message.type) {
      case 'hello':
        if (message.protocol !== PROTOCOL) {
          log(`the proxy pid=${message.pid} speaks protocol ${message.protocol}, not ${PROTOCOL}: it is asked to make room for another`);
          sendLine(from, { type: 'retire', drainMs: REPLACED_DRAIN_MS } satisfies ToProxy);
          from.end();
          return;
        }
        pauseMs = FIRST_PAUSE_MS;
        sendTable();
        return;
      case 'ack': {
        const done = waiting.get(message.id);
        waiting.delete(message.id);
        done?.();
        return;
      }
      case 'failures':
        onFailures(message.failures);
        return;
    }
  };
  const again = (): void => {
    if (closed) return;
    retry?.close();
    retry = clock.after(pauseMs, reach);
    pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
  };
  const reach = (): void => {
    if (closed) return;
    const candidate = createConnection(socketPath);
    let met = false;
    candidate.on('connect', () => {
      met = true;
      socket = candidate;
      readLines<ToDaemon>(candidate, (message) => take(candidate, message));
      sendLine(candidate, { type: 'hello', protocol: PROTOCOL } satisfies ToProxy);
    });
    candidate.on('error', (error) => {
      if (met) log(`the connection to the proxy failed: ${error.message}`);
    });
    candidate.on('close', () => {
      if (socket === candidate) socket = undefined;
      if (closed) return;
      behind.push(...waiting.values());
      waiting.clear();
      if (met) return again();
      startProxy()
        .catch((error: unknown) => log(`the proxy could not be started: ${errorText(error)}`))
        .finally(again);
    });
  };
  const send = (message: Unnumbered<Numbered>): Promise<void> =>
    new Promise((resolve) => {
      if (!socket) {
        behind.push(resolve);
        return;
      }
      const id = ++lastId;
      waiting.set(id, resolve);
      sendLine(socket, { ...message, id });
    });
  reach();
  return {
    get connected() {
      return socket !== undefined;
    },
    // Without a proxy there is nothing to do: the next one gets the whole table.
    change: (set, removed) => (socket ? send({ type: 'change', set, removed }) : Promise.resolve()),
    withdraw: (ip) => send({ type: 'withdraw', ip }),
    admit: (ip) => send({ type: 'admit', ip }),
    resend: sendTable,
    close() {
      closed = true;
      retry?.close();
      socket?.destroy();
      for (const run of [...waiting.values(), ...behind]) run();
      waiting.clear();
      behind = [];
    },
  };
}
