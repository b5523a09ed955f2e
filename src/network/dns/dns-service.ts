import type { Clock } from '../../std/index.ts';
import type { ListenFailure } from '../link/protocol.ts';
import type { Binder } from '../proxy/binder.ts';
import { keepOpen } from '../proxy/listener.ts';
import { createForwarder } from './forwarder.ts';
import { openTcpDns, openUdpDns } from './listeners.ts';
import { createResponder } from './responder.ts';
import type { ZoneView } from './zone.ts';

export interface DnsService {
  readonly host: string;
  readonly port: number;
  /** Resolves when both protocols were tried once. */
  readonly tried: Promise<void>;
  failures(): readonly ListenFailure[];
  close(): void;
}

/** The cluster's name server: answers for the zone out of the routing table, asks the machine's name servers for everything else. */
export function startDns(options: {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly binder: Binder;
  /** Called when a socket could not be opened, or could at last. */
  readonly changed: () => void;
  readonly view: () => ZoneView | undefined;
}): DnsService {
  const { host, port, clock, binder, changed, view } = options;
  const forwarder = createForwarder({ clock, own: host });
  const respond = createResponder({ view, forwarder });
  const address = { service: 'dns', kind: 'dns' as const, host, port };
  const sockets = [
    keepOpen({ address: { ...address, protocol: 'UDP' }, clock, changed, open: () => openUdpDns({ host, port, respond }) }),
    keepOpen({ address: { ...address, protocol: 'TCP' }, clock, changed, open: () => openTcpDns({ host, port, clock, binder, respond }) }),
  ];
  return {
    host,
    port,
    tried: Promise.all(sockets.map((socket) => socket.tried)).then(() => undefined),
    failures: () => sockets.flatMap((socket) => socket.failure ?? []),
    close() {
      for (const socket of sockets) socket.close();
      forwarder.close();
    },
  };
}
