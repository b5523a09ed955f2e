import { keyOf } from '../../apimachinery/index.ts';
import type { Informer } from '../../client/index.ts';
import type { Pod, Service } from '../../kinds/index.ts';
import type { Closable } from '../../std/index.ts';
import { endpointsDiffer, labelsDiffer, selects } from './service-pods.ts';

/** Tells which services may have other endpoints now: `changed` for the service itself, `podChanged` for each service that has or had a changed pod. */
export function watchServices(
  services: Informer<Service>,
  pods: Informer<Pod>,
  tell: { readonly changed: (serviceKey: string) => void; readonly podChanged: (serviceKey: string) => void },
): readonly Closable[] {
  const servicesOf = (pod: Pod): void => {
    for (const service of services.list(pod.metadata.namespace)) if (selects(service, pod)) tell.podChanged(keyOf(service));
  };
  const changed = (service: Service): void => tell.changed(keyOf(service));
  return [
    services.subscribe({ added: changed, updated: changed, deleted: changed }),
    pods.subscribe({
      added: servicesOf,
      updated: (pod, old) => {
        if (!endpointsDiffer(old, pod)) return;
        servicesOf(pod);
        if (labelsDiffer(old, pod)) servicesOf(old);
      },
      deleted: servicesOf,
    }),
  ];
}
