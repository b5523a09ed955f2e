import { controllerRef } from '../../apimachinery/index.ts';
import type { EndpointSlice, Service } from '../../kinds/index.ts';
import { isHeadless } from '../pods/service-pods.ts';
import { MANAGED_BY, SERVICE_NAME } from './reconcile.ts';

export const MANAGER = 'endpointslice-controller.k8s.io';

/** Labels and owner of a service's slices, and how new ones are named. */
export const sliceMetadata = (service: Service): EndpointSlice['metadata'] => ({
  generateName: `${service.metadata.name}-`,
  namespace: service.metadata.namespace ?? '',
  labels: {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
    [SERVICE_NAME]: service.metadata.name ?? '',
    [MANAGED_BY]: MANAGER,
  },
  ownerReferences: [controllerRef(service)],
});
