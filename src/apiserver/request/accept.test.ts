import { describe, expect, it } from 'vitest';
import { negotiate } from './accept.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

describe('the form of an answer', () => {
  it.each([
    [undefined, { media: 'json', as: 'object', asVersion: 'v1' }],
    ['application/vnd.kubernetes.protobuf,application/json', { media: 'json', as: 'object', asVersion: 'v1' }],
    [TABLE, { media: 'json', as: 'Table', asVersion: 'v1' }],
    ['application/json;as=Unknown;v=v1;g=meta.k8s.io, */*', { media: 'json', as: 'object', asVersion: 'v1' }],
    ['application/json;q=0.1, application/yaml', { media: 'yaml', as: 'object', asVersion: 'v1' }],
    ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', { media: 'json', as: 'PartialObjectMetadataList', asVersion: 'v1' }],
  ])('for %s', (accept, expected) => expect(negotiate(accept)).toEqual(expected));

  it('is refused with 406 when only protobuf is read', () => {
    expect(() => negotiate('application/vnd.kubernetes.protobuf')).toThrow('only the following media types are accepted');
  });
});
