import { type Closable, Closer } from '../std/index.ts';
import type { Controller, ControllerContext } from './contract.ts';
import { deploymentController } from './deployment/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';

export type { Controller, ControllerContext, ControllerLog } from './contract.ts';

/** Every controller, in the order of their start. */
export const CONTROLLERS: readonly Controller[] = [replicaSetController, deploymentController];

/** Starts all controllers. Closing stops them in reverse and waits for the writes under way. */
export function startControllers(context: ControllerContext): Closable {
  const closer = new Closer();
  for (const controller of CONTROLLERS) closer.add(controller.start(context));
  return closer;
}
