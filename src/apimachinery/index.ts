export * from './field-error.ts';
export * from './object.ts';
export type * from './pod-streams.ts';
export type * from './schema.ts';
export * from './status-error.ts';
export type * from './transport.ts';
