import { canonicalQuantity, QuantityError } from './quantity.ts';
import type { StringSchema } from './schema.ts';

/** The outcome of reading one formatted string: its canonical form, or why it cannot be read. */
export type Formatted = { readonly value: unknown } | { readonly error: string };

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function time(text: string, micro: boolean): Formatted {
  const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
  const epochMs = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(epochMs)) return { error: `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"` };
  if ((micro ? MICROS : SECONDS).test(text)) return { value: text };
  const iso = new Date(epochMs).toISOString();
  if (!micro) return { value: `${iso.slice(0, 19)}Z` };
  const decimals = `${RFC3339.exec(text)?.[7] ?? ''}000000`.slice(0, 6);
  return { value: `${iso.slice(0, 19)}.${decimals}Z` };
}

function base64(text: string): Formatted {
  const plain = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text;
  const bad = /[^A-Za-z0-9+/]/.exec(plain.replace(/={0,2}$/, ''));
  if (bad) return { error: `illegal base64 data at input byte ${bad.index}` };
  if (plain.length % 4 !== 0) return { error: `illegal base64 data at input byte ${plain.length - (plain.length % 4)}` };
  return { value: plain };
}

const isInt32 = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) <= 2_147_483_648;

/** Reads a string of a known format; undefined when the value's JSON type does not fit at all. */
export function readFormat(format: StringSchema['format'], value: unknown): Formatted | undefined {
  switch (format) {
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number') return undefined;
      try {
        return { value: canonicalQuantity(value) };
      } catch (error) {
        if (error instanceof QuantityError) return { error: error.message };
        throw error;
      }
    case 'int-or-string':
      if (typeof value === 'string' || isInt32(value)) return { value };
      return { error: `json: cannot unmarshal ${typeof value === 'number' ? `number ${value}` : jsonTypeName(value)} into Go value of type int32` };
    case 'date-time':
    case 'micro-time':
      return typeof value === 'string' ? time(value, format === 'micro-time') : undefined;
    case 'byte':
      return typeof value === 'string' ? base64(value) : undefined;
    case undefined:
      return typeof value === 'string' ? { value } : undefined;
  }
}

/** A JSON value's type as Go's decoder names it. */
export function jsonTypeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
