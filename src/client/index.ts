export { type ApiClientOptions, createApiClient } from './api-client.ts';
export { Backoff } from './backoff.ts';
export type * from './contract.ts';
export { createEventRecorder, type EventRecorderOptions } from './event-recorder.ts';
export { deepFreeze } from './freeze.ts';
export { answerError } from './http-answer.ts';
export { createInformers, type InformerOptions } from './informer-factory.ts';
export {
  type ClusterConnection,
  clusterConnection,
  type Kubeconfig,
  KubeconfigError,
  kubeconfigFiles,
  kubeconfigTransport,
  loadKubeconfig,
  resolveContext,
} from './kubeconfig/index.ts';
export { joinKey, keyOf, splitKey } from './object-cache.ts';
export { groupVersionOf, objectPath, resourcePath } from './resource-path.ts';
export { retryOnConflict } from './retry-on-conflict.ts';
export { createScopedInformer, type ScopedInformerOptions } from './scoped-informer.ts';
export { TransportError } from './transport-error.ts';
export { unixSocketTransport } from './unix-socket-transport.ts';
export { createWorkQueue, type WorkQueueOptions } from './work-queue.ts';
