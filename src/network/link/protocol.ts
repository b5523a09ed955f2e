import type { RoutingTable, ServiceRoute, TableSettings } from '../table/route.ts';

/** Raised when a message changes its meaning; the two ends then refuse each other and the proxy ends itself to be started anew. */
export const PROTOCOL = 1;

/** The table as it travels and as it is kept on disk. */
export interface TableDocument {
  readonly settings: TableSettings;
  readonly services: readonly ServiceRoute[];
  /** Addresses taken out of rotation whatever the services say. */
  readonly withdrawn: readonly string[];
}

/** Daemon to proxy. Those with `id` are acknowledged once new connections and names obey them. */
export type ToProxy =
  | { readonly type: 'hello'; readonly protocol: number }
  | { readonly type: 'table'; readonly id: number; readonly table: TableDocument }
  | { readonly type: 'change'; readonly id: number; readonly set: readonly ServiceRoute[]; readonly removed: readonly string[] }
  | { readonly type: 'withdraw'; readonly id: number; readonly ip: string }
  | { readonly type: 'admit'; readonly id: number; readonly ip: string }
  /** Stop listening, let established connections finish for as long, then end. Sent by a successor too. */
  | { readonly type: 'retire'; readonly drainMs: number };

/** A port that cannot be opened now; it is tried again until it can. */
export interface ListenFailure {
  /** `namespace/name` of the Service, or `dns`. */
  readonly service: string;
  readonly kind: 'cluster' | 'nodePort' | 'dns';
  readonly protocol: 'TCP' | 'UDP';
  readonly host: string;
  readonly port: number;
  readonly message: string;
}

/** Proxy to daemon. */
export type ToDaemon =
  | { readonly type: 'hello'; readonly protocol: number; readonly pid: number }
  | { readonly type: 'ack'; readonly id: number }
  /** Everything that cannot be opened; sent whenever it changes. */
  | { readonly type: 'failures'; readonly failures: readonly ListenFailure[] };

export const serviceKey = (route: { readonly namespace: string; readonly name: string }): string => `${route.namespace}/${route.name}`;

export const toDocument = (table: RoutingTable, withdrawn: Iterable<string>): TableDocument => ({
  settings: table.settings,
  services: [...table.services.values()],
  withdrawn: [...withdrawn],
});

export const fromDocument = (document: TableDocument): RoutingTable => ({
  settings: document.settings,
  services: new Map(document.services.map((route) => [serviceKey(route), route])),
});
