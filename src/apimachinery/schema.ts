/**
 * A compact structural schema, as scripts/generate-schema.mjs writes it. `ref` names another definition.
 * List facts follow Kubernetes' x-kubernetes-list-type, -list-map-keys, -patch-strategy and -patch-merge-key.
 */
export type Schema = StringSchema | NumberSchema | BooleanSchema | ArraySchema | MapSchema | ObjectSchema | RefSchema | AnySchema;

interface Patchable {
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}
export interface StringSchema extends Patchable {
  readonly type: 'string';
  readonly format?: 'date-time' | 'micro-time' | 'byte' | 'int-or-string' | 'quantity';
}
export interface NumberSchema extends Patchable {
  readonly type: 'integer' | 'number';
  readonly format?: 'int32' | 'int64' | 'double';
}
export interface BooleanSchema extends Patchable {
  readonly type: 'boolean';
}
export interface ArraySchema extends Patchable {
  readonly type: 'array';
  readonly items: Schema;
  readonly listType?: 'atomic' | 'map' | 'set';
  readonly listMapKeys?: readonly string[];
}
export interface MapSchema extends Patchable {
  readonly type: 'map';
  readonly values: Schema;
  readonly mapType?: 'atomic';
}
export interface ObjectSchema extends Patchable {
  readonly type: 'object';
  readonly properties: { readonly [field: string]: Schema };
  readonly required?: readonly string[];
  readonly mapType?: 'atomic';
}
export interface RefSchema extends Patchable {
  readonly type: 'ref';
  readonly ref: string;
}
/** Anything, kept as given. */
export interface AnySchema extends Patchable {
  readonly type: 'any';
}

/** Definitions by their OpenAPI name, for instance io.k8s.api.core.v1.Pod. */
export interface Definitions {
  readonly [name: string]: ObjectSchema;
}
