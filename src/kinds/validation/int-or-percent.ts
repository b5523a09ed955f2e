import { type FieldError, fieldInvalid } from '../../apimachinery/index.ts';
import { notNegative } from './errors.ts';

const PERCENT = /^[0-9]+%$/;
const PERCENT_TEXT = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** The number that `value` stands for of `total`: itself, or that percentage, rounded up or down. Throws on text that is no percentage. */
export function resolveIntOrPercent(value: number | string, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  if (!PERCENT.test(value)) throw new Error(`invalid value for IntOrString: expected a number or a percentage such as "25%", got ${JSON.stringify(value)}`);
  const exact = (Number(value.slice(0, -1)) * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

export const validateIntOrPercent = (field: string, value: number | string | undefined): readonly FieldError[] => {
  if (typeof value === 'string') return PERCENT.test(value) ? [] : [fieldInvalid(field, value, PERCENT_TEXT)];
  return notNegative(field, value);
};

/** Whether it is nothing: 0 or 0%. */
export const isNone = (value: number | string | undefined): boolean => value === undefined || value === 0 || /^0+%$/.test(String(value));

/** A percentage of more than everything. */
export const validateAtMostAll = (field: string, value: number | string | undefined): readonly FieldError[] =>
  typeof value === 'string' && PERCENT.test(value) && Number(value.slice(0, -1)) > 100 ? [fieldInvalid(field, value, 'must not be greater than 100%')] : [];
