import type { Informer } from '../../client/index.ts';
import type { EndpointSlice, Service } from '../../kinds/index.ts';
import { type Clock, Closer, type Timer } from '../../std/index.ts';
import type { ServiceRoute } from '../table/route.ts';
import { serviceRoute } from '../table/service-route.ts';

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Name of the slice informer's index by `namespace/service`. */
export const BY_SERVICE = 'network/service';

/** Index function for the slice informer. */
export const servicesOfSlice = (slice: EndpointSlice): readonly string[] => {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name ? [`${slice.metadata.namespace ?? ''}/${name}`] : [];
};

export interface RouteController {
  /** Routes of all Services as last computed. */
  readonly routes: ReadonlyMap<string, ServiceRoute>;
  /** Resolves once every Service and slice that existed at the start is in `routes`. */
  readonly synced: Promise<void>;
  close(): Promise<void>;
}

const SOON_MS = 2;
const LATEST_MS = 200;
/** A large Service is described again as a whole at each change, so its changes are gathered longer. */
const ENDPOINTS_PER_MS = 25;

/** Keeps the routes of all Services and reports what changed, gathered over a few milliseconds. */
export function startRouteController(options: {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly clock: Clock;
  /** Routes that do not come from objects, by key; they win. */
  readonly fixed: ReadonlyMap<string, ServiceRoute>;
  readonly changed: (set: readonly ServiceRoute[], removed: readonly string[]) => void;
  readonly signal: AbortSignal;
}): RouteController {
  const { services, slices, clock, fixed, changed, signal } = options;
  const routes = new Map<string, ServiceRoute>(fixed);
  const written = new Map<string, string>([...fixed].map(([key, route]) => [key, JSON.stringify(route)]));
  const dirty = new Set<string>();
  const closer = new Closer();
  let timer: Timer | undefined;
  let isSynced = false;

  const compute = (key: string): ServiceRoute | undefined => {
    const [namespace = '', name = ''] = key.split('/');
    const service = services.get(name, namespace);
    return fixed.get(key) ?? (service && serviceRoute(service, slices.byIndex(BY_SERVICE, key)));
  };
  const flush = (): void => {
    timer = undefined;
    const set: ServiceRoute[] = [];
    const removed: string[] = [];
    for (const key of dirty) {
      const route = compute(key);
      const text = route && JSON.stringify(route);
      if (text === written.get(key)) continue;
      if (route && text) {
        routes.set(key, route);
        written.set(key, text);
        set.push(route);
      } else {
        routes.delete(key);
        written.delete(key);
        removed.push(key);
      }
    }
    dirty.clear();
    if (set.length + removed.length > 0) changed(set, removed);
  };
  const note = (key: string): void => {
    dirty.add(key);
    if (!isSynced) return;
    const size = routes.get(key)?.hosts.length ?? 0;
    timer ??= clock.after(Math.min(LATEST_MS, SOON_MS + size / ENDPOINTS_PER_MS), flush);
  };
  const noteService = (service: Service) => note(`${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}`);
  const noteSlice = (slice: EndpointSlice) => {
    for (const key of servicesOfSlice(slice)) note(key);
  };
  closer.add(services.subscribe({ added: noteService, updated: noteService, deleted: noteService }));
  closer.add(
    slices.subscribe({
      added: noteSlice,
      updated: (slice, old) => {
        noteSlice(old);
        noteSlice(slice);
      },
      deleted: noteSlice,
    }),
  );
  const synced = Promise.all([services.synced(signal), slices.synced(signal)]).then(() => {
    isSynced = true;
    flush();
  });
  return {
    routes,
    synced,
    async close() {
      timer?.close();
      await closer.close();
    },
  };
}
