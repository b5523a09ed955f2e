export * from './define-kind.ts';
export type * from './schema/types.ts';
