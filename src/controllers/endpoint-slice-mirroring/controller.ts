import { keyOf, splitKey } from '../../apimachinery/index.ts';
import { type EndpointSlice, endpoints as endpointsKind, service as serviceKind, endpointSlice as sliceKind } from '../../kinds/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { reconcile } from '../endpoint-slice/reconcile.ts';
import { BY_SERVICE, SLICE_INDEX, serviceKeyOf, slicesOf, writeSlices } from '../endpoint-slice/write-slices.ts';
import { isNamespaceEnding } from '../failures.ts';
import { FreshView } from '../fresh-view.ts';
import { onChange, runController } from '../run-controller.ts';
import { isMirrored, MIRROR, mirroredGroups, mirrorMetadata } from './reconcile.ts';

const NAME = 'endpoint-slice-mirroring-controller';

function start(context: ControllerContext) {
  const services = context.informers.informer(serviceKind);
  const endpoints = context.informers.informer(endpointsKind);
  const slices = context.informers.informer(sliceKind, BY_SERVICE);
  const client = context.client.resource(sliceKind);
  let view: FreshView<EndpointSlice>;

  return runController(context, {
    name: NAME,
    workers: 2,
    informers: [services, endpoints, slices],
    watch: (queue) => {
      const addOwner = (slice: EndpointSlice): void => {
        const key = serviceKeyOf(slice, MIRROR);
        if (key) queue.add(key);
      };
      view = new FreshView({ informer: slices, indexes: BY_SERVICE, resource: client, clock: context.clock, corrected: addOwner });
      return [
        view,
        onChange(services, (service) => queue.add(keyOf(service))),
        onChange(endpoints, (object) => queue.add(keyOf(object))),
        onChange(slices, addOwner),
      ];
    },
    reconcile: async (key) => {
      const { name, namespace } = splitKey(key);
      const list = endpoints.get(name, namespace);
      const existing = view.byIndex(SLICE_INDEX, slicesOf(key, MIRROR));
      const groups = list && isMirrored(services.get(name, namespace), list) ? mirroredGroups(list) : [];
      // Without addresses there is nothing to mirror: no empty slice is kept, unlike for services with a selector.
      const plan =
        list && groups.length > 0
          ? reconcile({ existing, groups, metadata: mirrorMetadata(list), addressType: 'IPv4' })
          : { update: [], create: [], delete: existing.filter((slice) => slice.metadata.deletionTimestamp === undefined) };
      try {
        await writeSlices(plan, client, view);
      } catch (error) {
        if (!isNamespaceEnding(error)) throw error;
      }
    },
  });
}

/** Makes EndpointSlices out of the Endpoints that users write for services without a selector. */
export const endpointSliceMirroringController: Controller = { name: NAME, start };
