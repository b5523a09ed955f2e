import { type FieldError, fieldInvalid, type NameCheck } from '../../apimachinery/index.ts';

/** One Invalid error for each text that `check` has about `value`. A required field that is left out is empty, as it is to Kubernetes. */
export const checked = (field: string, value: string | undefined, check: NameCheck): readonly FieldError[] =>
  check(value ?? '').map((text) => fieldInvalid(field, value ?? '', text));

const NOT_NEGATIVE = 'must be greater than or equal to 0';

/** A number that may be left out but not be negative. */
export const notNegative = (field: string, value: number | undefined): readonly FieldError[] =>
  value !== undefined && value < 0 ? [fieldInvalid(field, value, NOT_NEGATIVE)] : [];

export const IMMUTABLE = 'field is immutable';

/** `field` must be what it was. */
export const immutable = (field: string, value: unknown, same: boolean): readonly FieldError[] => (same ? [] : [fieldInvalid(field, value, IMMUTABLE)]);
