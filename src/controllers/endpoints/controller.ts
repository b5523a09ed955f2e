import { deepEqual, isNotFound, keyOf, splitKey } from '../../apimachinery/index.ts';
import { type Endpoints, endpoints as endpointsKind, pod as podKind, service as serviceKind } from '../../kinds/index.ts';
import { errorText } from '../../std/index.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isNamespaceEnding } from '../failures.ts';
import { FreshView } from '../fresh-view.ts';
import { Pace } from '../pace.ts';
import { hasSelector, selects } from '../pods/service-pods.ts';
import { watchServices } from '../pods/service-watch.ts';
import { onChange, runController } from '../run-controller.ts';
import { isManaged, wantedEndpoints } from './reconcile.ts';

/** Also signs its events. */
const NAME = 'endpoint-controller';

function start(context: ControllerContext) {
  const services = context.informers.informer(serviceKind);
  const pods = context.informers.informer(podKind);
  const informer = context.informers.informer(endpointsKind);
  const client = context.client.resource(endpointsKind);
  const events = context.events(NAME);
  const pace = new Pace(context.clock);
  /** Services whose deletion was seen: their Endpoints go with them, whoever made these. */
  const ended = new Set<string>();
  let view: FreshView<Endpoints>;

  /** Without a deletion seen (after a restart) only what this controller made is removed: others may list addresses before they make the service. */
  async function removeWithService(key: string): Promise<void> {
    const { name, namespace } = splitKey(key);
    const orphan = view.get(name, namespace);
    if (!orphan || !(ended.has(key) || isManaged(orphan))) return;
    try {
      await client.delete(name, namespace);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    view.removed(orphan);
    ended.delete(key);
  }

  return runController(context, {
    name: NAME,
    workers: 5,
    informers: [services, pods, informer],
    watch: (queue) => {
      const add = (object: Endpoints): void => queue.add(keyOf(object));
      view = new FreshView({ informer, indexes: {}, resource: client, clock: context.clock, corrected: add });
      return [
        view,
        ...watchServices(services, pods, { changed: (key) => queue.add(key), podChanged: (key) => pace.add(queue, key) }),
        services.subscribe({ added: (service) => ended.delete(keyOf(service)), deleted: (service) => ended.add(keyOf(service)) }),
        onChange(informer, add),
      ];
    },
    reconcile: async (key) => {
      const { name, namespace } = splitKey(key);
      const service = services.get(name, namespace);
      if (!service) {
        pace.forget(key);
        await removeWithService(key);
        return;
      }
      if (!hasSelector(service)) return;
      const current = view.get(name, namespace);
      const selected = pods.list(namespace).filter((pod) => selects(service, pod));
      const wanted = pace.measure(key, () => wantedEndpoints(service, selected, current));
      if (current && deepEqual({ ...wanted, subsets: wanted.subsets ?? [] }, { ...current, subsets: current.subsets ?? [] })) return;
      try {
        view.wrote(current ? await client.update(wanted) : await client.create(wanted));
      } catch (error) {
        if (isNamespaceEnding(error)) return;
        const [reason, verb] = current ? ['FailedToUpdateEndpoint', 'update'] : ['FailedToCreateEndpoint', 'create'];
        events.event(service, 'Warning', reason!, `Failed to ${verb} endpoint ${key}: ${errorText(error)}`);
        throw error;
      }
    },
  });
}

/** Keeps the Endpoints of services with a selector. */
export const endpointsController: Controller = { name: NAME, start };
