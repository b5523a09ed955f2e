import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Clock, Closer, errorText, type HomePaths, readIfThere } from '../../std/index.ts';
import { type DnsService, startDns } from '../dns/dns-service.ts';
import { readLines, sendLine } from '../link/lines.ts';
import { fromDocument, type ListenFailure, PROTOCOL, serviceKey, type TableDocument, type ToDaemon, type ToProxy, toDocument } from '../link/protocol.ts';
import type { RoutingTable } from '../table/route.ts';
import type { Binder } from './binder.ts';
import type { Connection } from './connection.ts';
import { connectionLimit } from './connection-limit.ts';
import { becomeTheOne, listenControl } from './control-socket.ts';
import { ServicePorts } from './service-ports.ts';
import { Slots } from './slots.ts';
import { tableFile } from './table-file.ts';

const GUARD_MS = 30_000;

export interface ProxyOptions {
  readonly home: HomePaths;
  readonly clock: Clock;
  readonly binder: Binder;
  /** How long a connection waits for an endpoint. Default 30 s. */
  readonly waitMs?: number;
  /** How long one endpoint has to accept before the next is tried. Default 1.5 s: a lost first packet is repeated after one. */
  readonly connectMs?: number;
  /** Connections at a time; more wait for one to end. Default: what the process's descriptors allow. */
  readonly connectionLimit?: number;
  readonly log?: (line: string) => void;
  /** Called when this proxy has to make room: it listens no more, connections live on for at most `drainMs`. */
  readonly onRetire?: (drainMs: number) => void;
}

export interface Proxy {
  /** Connections that have an endpoint or wait for one. */
  readonly connections: number;
  failures(): readonly ListenFailure[];
  close(): Promise<void>;
}

/**
 * Starts the service proxy of a home: it serves the table that was kept last, then whatever the daemon sends over proxy.sock. A proxy of the home that is
 * alive already makes room for it.
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { home, clock, binder } = options;
  const log = options.log ?? (() => undefined);
  const closer = new Closer();
  const slots = new Slots(options.connectionLimit ?? connectionLimit());
  const open = new Set<Connection>();
  const services = new Map<string, ServicePorts>();
  const clients = new Set<Socket>();
  const withdrawn = new Set<string>();
  let table: RoutingTable | undefined;
  let dns: DnsService | undefined;
  const file = tableFile(join(home.network, 'table.json'), clock, log);

  const failures = (): readonly ListenFailure[] => [...[...services.values()].flatMap((ports) => ports.failures()), ...(dns?.failures() ?? [])];
  const tell = (message: ToDaemon) => {
    for (const client of clients) sendLine(client, message);
  };
  let logged: ReadonlySet<string> = new Set();
  const changed = () => {
    const now = failures();
    for (const failure of now) if (!logged.has(failure.message)) log(`cannot listen service=${failure.service} ${failure.message}`);
    logged = new Set(now.map((failure) => failure.message));
    tell({ type: 'failures', failures: now });
  };
  const forwarding = { clock, binder, slots, open, waitMs: options.waitMs ?? 30_000, connectMs: options.connectMs ?? 1_500, changed };

  const remove = (key: string) => {
    services.get(key)?.remove();
    services.delete(key);
  };
  const applyServices = async (keys: Iterable<string>): Promise<void> => {
    if (!table) return;
    const tried: Promise<void>[] = [];
    for (const key of keys) {
      const route = table.services.get(key);
      if (!route) continue;
      let ports = services.get(key);
      if (!ports) {
        ports = new ServicePorts(key, forwarding);
        services.set(key, ports);
      }
      tried.push(ports.apply(route, table.settings, withdrawn));
    }
    await Promise.all(tried);
  };
  const applyTable = async (document: TableDocument): Promise<void> => {
    table = fromDocument(document);
    withdrawn.clear();
    for (const ip of document.withdrawn) withdrawn.add(ip);
    for (const key of services.keys()) if (!table.services.has(key)) remove(key);
    const { settings } = table;
    if (!dns || dns.host !== settings.dns.host || dns.port !== settings.dns.port) {
      dns?.close();
      dns = startDns({ ...settings.dns, clock, binder, changed, view: () => (table ? { table, withdrawn } : undefined) });
    }
    await Promise.all([applyServices(table.services.keys()), dns.tried]);
  };
  const keep = () => {
    if (table) file.save(() => toDocument(table as RoutingTable, withdrawn));
  };
  const refresh = (ip: string) => {
    for (const ports of services.values()) if (ports.uses(ip)) ports.refresh(withdrawn);
  };
  const stopListening = () => {
    for (const ports of services.values()) ports.close();
    services.clear();
  };
  const retire = (drainMs: number) => {
    stopListening();
    dns?.close();
    dns = undefined;
    table = undefined;
    control.close();
    for (const client of clients) client.destroy();
    options.onRetire?.(drainMs);
  };

  const take = async (client: Socket, message: ToProxy): Promise<void> => {
    switch (message.type) {
      case 'hello':
        sendLine(client, { type: 'hello', protocol: PROTOCOL, pid: process.pid } satisfies ToDaemon);
        sendLine(client, { type: 'failures', failures: failures() } satisfies ToDaemon);
        return;
      case 'table':
        await applyTable(message.table);
        break;
      case 'change': {
        const services = new Map(table?.services);
        for (const key of message.removed) {
          services.delete(key);
          remove(key);
        }
        for (const route of message.set) services.set(serviceKey(route), route);
        if (table) table = { ...table, services };
        await applyServices(message.set.map((route) => serviceKey(route)));
        break;
      }
      case 'withdraw':
        withdrawn.add(message.ip);
        refresh(message.ip);
        break;
      case 'admit':
        if (withdrawn.delete(message.ip)) for (const ports of services.values()) ports.refresh(withdrawn);
        break;
      case 'retire':
        return retire(message.drainMs);
      default:
        return;
    }
    sendLine(client, { type: 'ack', id: message.id } satisfies ToDaemon);
    keep();
  };

  const control = createServer((client) => {
    clients.add(client);
    // A daemon that is killed breaks it off; it comes back with the whole table.
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    readLines<ToProxy>(
      client,
      (message) =>
        void take(client, message).catch((error: unknown) => log(`message ${message.type} failed: ${error instanceof Error ? error.stack : String(error)}`)),
    );
  });

  await becomeTheOne(home.proxySocket, clock);
  const kept = readIfThere(file.path);
  if (kept !== undefined) {
    try {
      await applyTable(JSON.parse(kept) as TableDocument);
    } catch (error) {
      log(`the kept table ${file.path} is of no use and is left out until the daemon sends one: ${errorText(error)}`);
    }
  }
  await listenControl(control, home.proxySocket);
  closer.add({ close: () => dns?.close() });
  closer.add(
    clock.every(GUARD_MS, () => {
      for (const connection of open) connection.guard();
    }),
  );
  closer.add({ close: stopListening });
  closer.add(file);
  closer.add({
    close: () => {
      for (const client of clients) client.destroy();
      control.close();
    },
  });
  return {
    get connections() {
      return open.size;
    },
    failures,
    close: () => closer.close(),
  };
}
