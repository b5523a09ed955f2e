import { isNotFound, splitKey } from '../../apimachinery/index.ts';
import { type EndpointSlice, pod as podKind, type Service, service as serviceKind, endpointSlice as sliceKind } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isNamespaceEnding } from '../failures.ts';
import { FreshView } from '../fresh-view.ts';
import { Pace } from '../pace.ts';
import { hasSelector, selects } from '../pods/service-pods.ts';
import { watchServices } from '../pods/service-watch.ts';
import { onChange, runController } from '../run-controller.ts';
import { reconcile } from './reconcile.ts';
import { MANAGER, sliceMetadata } from './service-slices.ts';
import { familiesOf, wantedGroups } from './wanted.ts';
import { BY_SERVICE, SLICE_INDEX, serviceKeyOf, slicesOf, writeSlices } from './write-slices.ts';

/** Also signs its events. */
const NAME = 'endpoint-slice-controller';

function start(context: ControllerContext) {
  const services = context.informers.informer(serviceKind);
  const pods = context.informers.informer(podKind);
  const slices = context.informers.informer(sliceKind, BY_SERVICE);
  const client = context.client.resource(sliceKind);
  const events = context.events(NAME);
  const pace = new Pace(context.clock);
  let view: FreshView<EndpointSlice>;

  const planFor = (service: Service, key: string) =>
    reconcile({
      existing: view.byIndex(SLICE_INDEX, slicesOf(key, MANAGER)),
      groups: wantedGroups(
        service,
        pods.list(service.metadata.namespace).filter((pod) => selects(service, pod)),
      ),
      metadata: sliceMetadata(service),
      addressType: familiesOf(service)[0]!,
    });

  return runController(context, {
    name: NAME,
    workers: 5,
    informers: [services, pods, slices],
    watch: (queue) => {
      const addOwner = (slice: EndpointSlice): void => {
        const key = serviceKeyOf(slice, MANAGER);
        if (key) queue.add(key);
      };
      view = new FreshView({ informer: slices, indexes: BY_SERVICE, resource: client, clock: context.clock, corrected: addOwner });
      return [
        view,
        ...watchServices(services, pods, { changed: (key) => queue.add(key), podChanged: (key) => pace.add(queue, key) }),
        onChange(slices, (slice, old) => {
          addOwner(slice);
          if (old) addOwner(old);
        }),
      ];
    },
    reconcile: async (key) => {
      const { name, namespace } = splitKey(key);
      const service = services.get(name, namespace);
      if (!service || service.metadata.deletionTimestamp !== undefined) {
        // Its slices are its dependents and go with it.
        pace.forget(key);
        return;
      }
      if (!hasSelector(service)) {
        const mine = view.byIndex(SLICE_INDEX, slicesOf(key, MANAGER));
        await writeSlices({ update: [], create: [], delete: mine }, client, view);
        return;
      }
      try {
        await writeSlices(
          pace.measure(key, () => planFor(service, key)),
          client,
          view,
        );
      } catch (error) {
        if (isNamespaceEnding(error)) return;
        if (!isNotFound(error)) {
          const message = `Error updating Endpoint Slices for Service ${key}: ${errorText(error)}`;
          events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message);
        }
        throw error;
      }
    },
  });
}

/** Keeps the EndpointSlices of services with a selector. */
export const endpointSliceController: Controller = { name: NAME, start };
