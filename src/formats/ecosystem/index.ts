export type { App } from './app.ts';
export * from './app-deployment.ts';
export { objectNameOf } from './app-name.ts';
export { ecosystemToObjects } from './convert.ts';
export { MAX_INSTANCES, splitWords, VARIABLE_NAME } from './values.ts';
