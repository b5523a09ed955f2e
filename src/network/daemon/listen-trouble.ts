import type { EventRecorder, Informer } from '../../client/index.ts';
import type { Service } from '../../kinds/index.ts';
import type { Clock, Timer } from '../../std/index.ts';
import type { ListenFailure } from '../link/protocol.ts';
import type { Limitation } from '../node/pod-ports.ts';

/** Addresses are often free a moment later (a port that changes hands, a route that is just being made); only what lasts is told. */
const SETTLE_MS = 1_000;

const keyOf = (failure: ListenFailure): string => `${failure.service} ${failure.protocol} ${failure.host}:${failure.port}`;

/** Tells what the proxy cannot listen on: as Events of the Service, or, for the name server, as a limitation of the node. */
export function listenTrouble(options: { readonly events: EventRecorder; readonly services: Informer<Service>; readonly clock: Clock }): {
  report(failures: readonly ListenFailure[]): void;
  limitations(): readonly Limitation[];
  close(): void;
} {
  const { events, services, clock } = options;
  let current: readonly ListenFailure[] = [];
  let told = new Map<string, ListenFailure>();
  let timer: Timer | undefined;
  const serviceOf = (failure: ListenFailure): Service | undefined => {
    const [namespace, name = ''] = failure.service.split('/');
    return services.get(name, namespace);
  };
  const what = (failure: ListenFailure): string =>
    failure.kind === 'nodePort' ? `node port ${failure.port}` : `cluster address ${failure.host}:${failure.port}`;
  const tell = (): void => {
    timer = undefined;
    const now = new Map(current.map((failure) => [keyOf(failure), failure]));
    for (const [key, failure] of now) {
      const service = serviceOf(failure);
      if (service && told.get(key)?.message !== failure.message) {
        events.event(
          service,
          'Warning',
          'PortUnavailable',
          `The ${what(failure)} does not answer: ${failure.message}. It is tried again until it can be opened.`,
        );
      }
    }
    for (const [key, failure] of told) {
      const service = now.has(key) ? undefined : serviceOf(failure);
      if (service) events.event(service, 'Normal', 'PortAvailable', `The ${what(failure)} on ${failure.host} answers now.`);
    }
    told = now;
  };
  return {
    report(failures) {
      current = failures;
      timer ??= clock.after(SETTLE_MS, tell);
    },
    limitations: () =>
      current
        .filter((failure) => failure.service === 'dns')
        .map((failure) => ({
          reason: 'NameServerUnavailable',
          message: `The cluster's name server does not answer (${failure.protocol}): ${failure.message}`,
        })),
    close: () => timer?.close(),
  };
}
