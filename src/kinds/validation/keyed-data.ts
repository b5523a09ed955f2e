import { checkConfigMapKey, type FieldError, fieldForbidden, fieldTooLong } from '../../apimachinery/index.ts';
import { checked } from './errors.ts';

/** 1 MiB, as for every ConfigMap and Secret. */
const LIMIT_BYTES = 1024 * 1024;

type Data = { readonly [key: string]: string } | undefined;

/** Bytes that base64 text stands for. */
export const decodedBytes = (base64: string): number => Math.floor((base64.replace(/\s/g, '').replace(/=+$/, '').length * 3) / 4);

export const validateKeys = (data: Data, field: string): readonly FieldError[] =>
  Object.keys(data ?? {}).flatMap((key) => checked(`${field}[${key}]`, key, checkConfigMapKey));

/** `field` is what Kubernetes names: the whole object for ConfigMaps, data for Secrets. */
export const validateTotalSize = (bytes: number, field: string): readonly FieldError[] => (bytes > LIMIT_BYTES ? [fieldTooLong(field, LIMIT_BYTES)] : []);

const sameData = (one: Data, other: Data): boolean => {
  const keys = Object.keys(one ?? {});
  return keys.length === Object.keys(other ?? {}).length && keys.every((key) => one?.[key] === other?.[key]);
};

/** What may not change once `immutable` is set. */
export function validateImmutability<T extends { readonly immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): readonly FieldError[] {
  if (!old.immutable) return [];
  const text = 'field is immutable when `immutable` is set';
  return [
    ...(object.immutable ? [] : [fieldForbidden('immutable', text)]),
    ...fields.filter((field) => !sameData(object[field] as Data, old[field] as Data)).map((field) => fieldForbidden(field, text)),
  ];
}
