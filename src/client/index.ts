export { createApiClient } from './api-client.ts';
export type * from './contract.ts';
export { createEventRecorder } from './event-recorder.ts';
export { answerError } from './http-answer.ts';
export { createInformers } from './informer-factory.ts';
export {
  type ClusterConnection,
  clusterConnection,
  KubeconfigError,
  kubeconfigFiles,
  kubeconfigTransport,
  loadKubeconfig,
} from './kubeconfig/index.ts';
export { objectPath, resourcePath } from './resource-path.ts';
export { createScopedInformer } from './scoped-informer.ts';
export { TransportError } from './transport-error.ts';
export { unixSocketTransport } from './unix-socket-transport.ts';
export { createWorkQueue } from './work-queue.ts';
