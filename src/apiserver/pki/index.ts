export { ensurePki, type Pki } from './ensure-pki.ts';
export { kubeconfigText, writeKubeconfig } from './kubeconfig.ts';
