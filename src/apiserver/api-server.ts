import type { Transport } from '../apimachinery/index.ts';
import { type AnyKind, definitions as loadDefinitions } from '../kinds/index.ts';
import type { Clock } from '../std/index.ts';
import { type Closable, Closer } from '../std/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import { admissionPlugins } from './admission/index.ts';
import { bootstrap } from './bootstrap.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { servedGroups, servedKind } from './discovery/groups.ts';
import { type AuditSink, withAudit } from './filters/audit.ts';
import { type Authenticator, withAuthentication } from './filters/authentication.ts';
import { type Authorizer, adminGroupAuthorizer, withAuthorization } from './filters/authorization.ts';
import { withErrors } from './filters/errors.ts';
import { chain, type Handler } from './filters/filter.ts';
import { withoutImpersonation } from './filters/impersonation.ts';
import { DEFAULT_IN_FLIGHT, type InFlightLimits, withInFlightLimit } from './filters/in-flight.ts';
import { withTimeout } from './filters/timeout.ts';
import { httpSink } from './http/http-sink.ts';
import { inProcessTransport } from './http/in-process-transport.ts';
import { type HttpsListener, type ListenAddress, type Listener, listenHttps, listenUnix, type TlsFiles } from './http/listener.ts';
import { startMaintenance } from './maintenance.ts';
import type { HealthCheck } from './nonresource/health.ts';
import { ApiServerMetrics } from './nonresource/metrics.ts';
import type { VersionInfo } from './nonresource/version.ts';
import { createOpenApi } from './openapi/openapi.ts';
import { encryptedStore } from './registry/encrypted-store.ts';
import { systemRandomness } from './registry/generated-name.ts';
import { createRegistry, type Randomness } from './registry/registry.ts';
import { ADMIN, type User } from './request/call.ts';
import { REVIEWS } from './reviews/index.ts';
import { createRouter } from './router.ts';
import { parseAddressRange } from './services/address-range.ts';
import { DEFAULT_NODE_PORTS, type ServiceRanges } from './services/service-addresses.ts';
import { subresourceHandlers } from './subresources/index.ts';
import type { Streams } from './subresources/streams.ts';
import { isView } from './verbs/dispatch.ts';
import { WatchFrames } from './verbs/watch-frames.ts';

export interface ApiServerOptions {
  readonly store: ObjectStore;
  readonly kinds: readonly AnyKind[];
  readonly clock: Clock;
  readonly version: VersionInfo;
  /** The node agent's log and exec streams; undefined while there is none. */
  readonly streams: Streams;
  /** Conditions of /livez and /readyz beside the server's own. */
  readonly checks?: readonly HealthCheck[];
  /** Blocks that Services get their addresses and node ports from. Default 10.96.0.0/16 and 30000-32767. */
  readonly serviceRanges?: {
    readonly addresses?: string;
    readonly reserved?: readonly string[];
    readonly nodePorts?: { readonly first: number; readonly last: number };
  };
  /** 32 bytes (`Pki.secretsKey`) with which Secrets are encrypted in the store. Left out: they are stored as they are. */
  readonly secretsKey?: Buffer;
  readonly randomness?: Randomness;
  /** Asked after client certificates, in order. */
  readonly authenticators?: readonly Authenticator[];
  /** Default: system:masters may do everything. */
  readonly authorizer?: Authorizer;
  readonly audit?: AuditSink;
  readonly inFlight?: InFlightLimits;
  /** Hears of answers with 500: faults of ours. */
  readonly onInternalError?: (error: Error, requestId: string) => void;
}

export interface ApiServer extends Closable {
  /** The whole path of a request, for tests and transports. */
  readonly handle: Handler;
  readonly registry: ReturnType<typeof createRegistry>;
  /** A way in for parts of this process. Without a user: the administrator. */
  inProcessTransport(user?: User): Transport;
  /** Makes the namespaces and the server's own Service when they are missing. Call it at every start, once the HTTPS port is known. */
  bootstrap(advertise: { readonly address: string; readonly port: number }): Promise<void>;
  listenUnix(path: string): Promise<Listener>;
  listenHttps(address: ListenAddress, files: TlsFiles): Promise<HttpsListener>;
}

const TIMEOUT_MS = 60_000;
const DEFAULT_ADDRESSES = '10.96.0.0/16';
/** Where the store keeps what is encrypted. */
const SECRETS = '/core/secrets/';

/** Puts the server together. Nothing listens yet. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { kinds, clock, streams, authorizer = adminGroupAuthorizer, randomness = systemRandomness } = options;
  const store = options.secretsKey ? encryptedStore(options.store, SECRETS, options.secretsKey) : options.store;
  const ranges: ServiceRanges = {
    addresses: parseAddressRange(options.serviceRanges?.addresses ?? DEFAULT_ADDRESSES),
    reserved: options.serviceRanges?.reserved ?? [],
    nodePorts: options.serviceRanges?.nodePorts ?? DEFAULT_NODE_PORTS,
  };
  const definitions = await loadDefinitions();
  const registry = createRegistry({
    store,
    clock,
    kinds,
    definitions,
    randomness,
    admission: admissionPlugins(store, ranges, (bound) => randomness.below(bound)),
  });
  const groups = servedGroups([...kinds.map(servedKind), ...REVIEWS.map(({ served }) => served)]);
  const metrics = new ApiServerMetrics(clock, (info) => {
    const resource = registry.find(info.group, info.version, info.resource);
    return resource !== undefined && (info.subresource === '' || resource.kind.subresources.some(({ name }) => name === info.subresource));
  });
  let httpsPort = 0;
  let bootstrapped = false;
  const subresources = subresourceHandlers(streams);
  requireHandlers(kinds, subresources);
  const router = createRouter({
    context: { registry, frames: new WatchFrames() },
    discovery: createDiscovery(groups, () => `127.0.0.1:${httpsPort}`),
    openApi: createOpenApi(groups, definitions),
    subresources,
    authorizer,
    checks: [
      { name: 'ping', kind: 'liveness', failing: () => undefined },
      { name: 'poststarthook/bootstrap', kind: 'readiness', failing: () => (bootstrapped ? undefined : 'the first objects are not stored yet') },
      ...(options.checks ?? []),
    ],
    version: options.version,
    metrics,
  });
  const handle = chain(
    [
      metrics.filter,
      withErrors((error, id) => options.onInternalError?.(error, id)),
      withTimeout(clock, TIMEOUT_MS),
      withInFlightLimit(options.inFlight ?? DEFAULT_IN_FLIGHT),
      withAuthentication(options.authenticators ?? []),
      ...(options.audit ? [withAudit(options.audit)] : []),
      withoutImpersonation,
      withAuthorization(authorizer),
    ],
    router,
  );
  const closer = new Closer();
  closer.add(startMaintenance(registry, (error) => options.onInternalError?.(error instanceof Error ? error : new Error(String(error)), 'maintenance')));
  const sink = httpSink(handle, () => randomness.uuid());
  let requests = 0;
  const nextId = () => {
    requests += 1;
    return `in-process-${requests}`;
  };
  return {
    handle,
    registry,
    inProcessTransport: (user = ADMIN) => inProcessTransport(handle, user, nextId),
    async bootstrap(advertise) {
      await bootstrap(registry, { advertise, ranges });
      bootstrapped = true;
    },
    listenUnix: async (path) => closer.add(await listenUnix(path, sink)),
    async listenHttps(address, files) {
      const listener = closer.add(await listenHttps(address, files, sink));
      httpsPort = listener.port;
      return listener;
    },
    close: () => closer.close(),
  };
}

/** A subresource that a kind announces must be served: better not to start than to announce what is not there. */
function requireHandlers(kinds: readonly AnyKind[], handlers: { readonly [name: string]: unknown }): void {
  for (const kind of kinds) {
    for (const { name } of kind.subresources) {
      if (!isView(name) && !(name in handlers)) throw new Error(`kind ${kind.kind} announces the subresource ${name}, which no handler serves`);
    }
  }
}
