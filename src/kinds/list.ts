import { deployment } from './apps/v1/deployment/deployment.ts';
import { replicaSet } from './apps/v1/replica-set/replica-set.ts';
import { lease } from './coordination.k8s.io/v1/lease/lease.ts';
import { configMap } from './core/v1/config-map/config-map.ts';
import { endpoints } from './core/v1/endpoints/endpoints.ts';
import { event } from './core/v1/event/event.ts';
import { namespace } from './core/v1/namespace/namespace.ts';
import { node } from './core/v1/node/node.ts';
import { pod } from './core/v1/pod/index.ts';
import { secret } from './core/v1/secret/secret.ts';
import { service } from './core/v1/service/service.ts';
import { serviceAccount } from './core/v1/service-account/service-account.ts';
import type { AnyKind } from './define-kind.ts';
import { endpointSlice } from './discovery.k8s.io/v1/endpoint-slice/endpoint-slice.ts';
import { eventsEvent } from './events.k8s.io/v1/event/event.ts';

/** Every kind that is served, in the order of discovery. Being listed is being tested. */
export const KINDS: readonly AnyKind[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  secret,
  serviceAccount,
  service,
  deployment,
  replicaSet,
  lease,
  endpointSlice,
  eventsEvent,
];
