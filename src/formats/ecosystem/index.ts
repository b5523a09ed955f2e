export type { App } from './app.ts';
export * from './app-deployment.ts';
export { objectNameOf } from './app-name.ts';
export { APP_ATTRIBUTES, type AttributeRule } from './attributes.ts';
export { type Conversion, type EcosystemContext, ecosystemToObjects } from './convert.ts';
export { readInstances, readMilliseconds, splitWords, VARIABLE_NAME } from './values.ts';
