export type * from './contract.ts';
export { startKubelet } from './kubelet.ts';
