export { ensurePki, type Pki, PkiError, type PkiOptions } from './ensure-pki.ts';
export { type KubeconfigOptions, kubeconfigText, writeKubeconfig } from './kubeconfig.ts';
