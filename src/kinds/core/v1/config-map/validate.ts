import { type FieldError, fieldInvalid } from '../../../../apimachinery/index.ts';
import type { ConfigMap } from '../../../schema/types.ts';
import { decodedBytes, validateImmutability, validateKeys, validateTotalSize } from '../../../validation/keyed-data.ts';
import { validateMetadata, validateMetadataUpdate } from '../../../validation/metadata.ts';

export function validateConfigMap(object: ConfigMap): readonly FieldError[] {
  const data = object.data ?? {};
  const binary = object.binaryData ?? {};
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binary, key));
  const bytes =
    Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0) + Object.values(binary).reduce((sum, text) => sum + decodedBytes(text), 0);
  return [
    ...validateMetadata(object, { namespaced: true }),
    ...validateKeys(data, 'data'),
    ...twice.map((key) => fieldInvalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...validateKeys(binary, 'binaryData'),
    ...validateTotalSize(bytes, '<nil>'),
  ];
}

export const validateConfigMapUpdate = (object: ConfigMap, old: ConfigMap): readonly FieldError[] => [
  ...validateMetadataUpdate(object, old),
  ...validateImmutability(object, old, ['data', 'binaryData']),
];
