/** One port of a Service and where its connections go. */
export interface PortRoute {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly nodePort?: number;
  /** `10.244.0.3:8000`, ready ones only, sorted. */
  readonly endpoints: readonly string[];
}

/** An address that a headless Service's name stands for. */
export interface HostRecord {
  readonly ip: string;
  readonly hostname?: string;
}

/** What the data path and the name server know of one Service. */
export interface ServiceRoute {
  readonly namespace: string;
  readonly name: string;
  readonly type: 'cluster' | 'headless' | 'external';
  readonly clusterIP?: string;
  readonly externalName?: string;
  /** Connections of one client address go to one endpoint for this long. Left out: no affinity. */
  readonly affinitySeconds?: number;
  readonly ports: readonly PortRoute[];
  /** Ready addresses, or all of them with publishNotReadyAddresses. */
  readonly hosts: readonly HostRecord[];
}

/** Facts that hold for the whole home. */
export interface TableSettings {
  readonly domain: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dns: { readonly host: string; readonly port: number };
  /** Where node ports listen. */
  readonly nodePortAddresses: readonly string[];
  /** Ports below this cannot be opened by this user and are opened `lowPortShift` higher. */
  readonly firstFreePort: number;
}

/** The whole routing table: Services by `namespace/name`. */
export interface RoutingTable {
  readonly settings: TableSettings;
  readonly services: ReadonlyMap<string, ServiceRoute>;
}

/** How far a port is moved that the user may not open (80 → 20080). */
export const lowPortShift = 20_000;

/** The port that is really listened on for a Service's port. */
export const listenPort = (settings: Pick<TableSettings, 'firstFreePort'>, port: number): number =>
  port < settings.firstFreePort ? port + lowPortShift : port;

/** Splits `10.244.0.3:8000`. */
export function splitEndpoint(endpoint: string): { readonly host: string; readonly port: number } {
  const colon = endpoint.lastIndexOf(':');
  return { host: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) };
}
