export { KubeconfigError, resolveContext } from './kubeconfig.ts';
export { type ClusterConnection, clusterConnection, kubeconfigTransport } from './kubeconfig-transport.ts';
export { kubeconfigFiles, loadKubeconfig } from './load-kubeconfig.ts';
