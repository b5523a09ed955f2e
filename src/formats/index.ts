export * from './ecosystem/index.ts';
export * from './manifests/index.ts';
