import type { ApiClient, EventRecorder, InformerFactory } from '../client/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { Clock, Closable } from '../std/index.ts';

/** A line about one event of a controller: what, about which object, with which fields. */
export type ControllerLog = (message: string, fields: { readonly controller: string; readonly key?: string; readonly error?: unknown }) => void;

/** What every controller is given. Controllers own nothing of it and close nothing of it. */
export interface ControllerContext {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  /** The recorder that signs with a component's name (deployment-controller, …). */
  readonly events: (component: string) => EventRecorder;
  readonly clock: Clock;
  /** Every kind that the server serves: namespaces are emptied and owners are followed over all of them. */
  readonly kinds: readonly AnyKind[];
  /** PEM of the certificate authority that pods trust the API server by. Left out: no kube-root-ca.crt is published. */
  readonly rootCertificate?: string;
  /** Terminated pods beyond this number are removed, oldest first. Default 12500; 0 keeps all. */
  readonly terminatedPodThreshold?: number;
  readonly log: ControllerLog;
}

/** One controller: watches, decides by its pure reconcile, writes. */
export interface Controller {
  /** Also the component that signs its events. */
  readonly name: string;
  /** Starts at once and returns; waits for its informers by itself. */
  readonly start: (context: ControllerContext) => Closable;
}
