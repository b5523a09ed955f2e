export * from './ecosystem/index.ts';
export * from './manifests/index.ts';
export { nearest } from './nearest.ts';
