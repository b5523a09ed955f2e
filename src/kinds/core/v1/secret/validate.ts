import { type FieldError, fieldInvalid, fieldRequired } from '../../../../apimachinery/index.ts';
import { errorText } from '../../../../std/index.ts';
import type { Secret } from '../../../schema/types.ts';
import { IMMUTABLE } from '../../../validation/errors.ts';
import { decodedBytes, validateImmutability, validateKeys, validateTotalSize } from '../../../validation/keyed-data.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

/** Keys that a type of Secret must have. */
const REQUIRED_KEYS: { readonly [type: string]: readonly string[] } = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const JSON_KEYS: { readonly [type: string]: string } = {
  'kubernetes.io/dockercfg': '.dockercfg',
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
};
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

function jsonErrors(object: Secret): readonly FieldError[] {
  const key = JSON_KEYS[object.type ?? ''];
  const base64 = key === undefined ? undefined : object.data?.[key];
  if (key === undefined || base64 === undefined) return [];
  try {
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return [];
  } catch (error) {
    return [fieldInvalid(`data[${key}]`, '<secret contents redacted>', errorText(error))];
  }
}

function typeErrors(object: Secret): readonly FieldError[] {
  const type = object.type ?? '';
  const has = (key: string): boolean => object.data?.[key] !== undefined;
  if (type === 'kubernetes.io/service-account-token') {
    return object.metadata.annotations?.[ACCOUNT_ANNOTATION] ? [] : [fieldRequired(`metadata.annotations[${ACCOUNT_ANNOTATION}]`)];
  }
  if (type === 'kubernetes.io/basic-auth') {
    return has('username') || has('password') ? [] : [fieldRequired('data[username]'), fieldRequired('data[password]')];
  }
  return (REQUIRED_KEYS[type] ?? []).filter((key) => !has(key)).map((key) => fieldRequired(`data[${key}]`));
}

export function validateSecret(object: Secret): readonly FieldError[] {
  const bytes = Object.values(object.data ?? {}).reduce((sum, text) => sum + decodedBytes(text), 0);
  return [
    ...validateMetadata(object, { namespaced: true }),
    ...validateKeys(object.data, 'data'),
    ...validateTotalSize(bytes, 'data'),
    ...typeErrors(object),
    ...jsonErrors(object),
  ];
}

export const validateSecretUpdate = (object: Secret, old: Secret): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...(object.type === old.type ? [] : [fieldInvalid('type', object.type, IMMUTABLE)]),
  ...validateImmutability(object, old, ['data']),
];
