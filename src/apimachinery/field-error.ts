/** What is wrong with one field; the texts follow k8s.io/apimachinery's field.Error. */
export interface FieldError {
  readonly type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotFound'
    | 'InternalError';
  /** JSON path as Kubernetes writes it: spec.containers[0].name, metadata.labels[app] or <nil>. */
  readonly field: string;
  /** Everything after the path, for instance `Invalid value: -1: must be greater than or equal to 0`. */
  readonly detail: string;
}

const shown = (value: unknown): string => (value === undefined || value === null ? 'null' : JSON.stringify(value));

export const fieldRequired = (field: string, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  detail: detail ? `Required value: ${detail}` : 'Required value',
});
export const fieldInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  detail: `Invalid value: ${shown(value)}: ${detail}`,
});
export const fieldNotSupported = (field: string, value: unknown, allowed: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  detail: `Unsupported value: ${shown(value)}: supported values: ${[...allowed]
    .sort()
    .map((one) => JSON.stringify(one))
    .join(', ')}`,
});
export const fieldDuplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  detail: `Duplicate value: ${shown(value)}`,
});
export const fieldForbidden = (field: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', field, detail: `Forbidden: ${detail}` });
export const fieldTooLong = (field: string, maxBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  detail: `Too long: may not be more than ${maxBytes} bytes`,
});
export const fieldTooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  detail: `Too many: ${actual}: must have at most ${max} items`,
});
export const fieldNotFound = (field: string, value: unknown): FieldError => ({ type: 'FieldValueNotFound', field, detail: `Not found: ${shown(value)}` });

/** `spec.replicas: Invalid value: -1: must be …` */
export const fieldErrorText = (error: FieldError): string => `${error.field}: ${error.detail}`;
