import { type Closable, Closer } from '../std/index.ts';
import type { Controller, ControllerContext } from './contract.ts';
import { deploymentController } from './deployment/controller.ts';
import { endpointSliceController } from './endpoint-slice/controller.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { nodeLifecycleController } from './node-lifecycle/controller.ts';
import { taintEvictionController } from './node-lifecycle/eviction-controller.ts';
import { podGarbageCollector } from './pod-gc/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';
import { rootCertificateController } from './root-ca/controller.ts';
import { serviceAccountController } from './service-account/controller.ts';

export type { ControllerContext } from './contract.ts';

/** Every controller, in the order of their start. */
const CONTROLLERS: readonly Controller[] = [
  serviceAccountController,
  rootCertificateController,
  endpointSliceController,
  endpointsController,
  endpointSliceMirroringController,
  replicaSetController,
  deploymentController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  garbageCollector,
  namespaceController,
];

/** Starts all controllers. Closing stops them in reverse and waits for the writes under way. */
export function startControllers(context: ControllerContext): Closable {
  const closer = new Closer();
  for (const controller of CONTROLLERS) closer.add(controller.start(context));
  return closer;
}
