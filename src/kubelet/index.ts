export type * from './contract.ts';
export { IMAGES_CONFIG_MAP, IMAGES_NAMESPACE } from './images/image-registry.ts';
export { HOST_IMAGE } from './images/resolve-image.ts';
export { startKubelet } from './kubelet.ts';
