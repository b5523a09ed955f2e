import { expect, test } from 'vitest';
import { deepEqual, freezeDeep } from './json-value.ts';
import { type ConditionLike, objectKey, setCondition, splitKey } from './meta.ts';
import { checkConfigMapKey, checkDns1123Label, checkDns1123Subdomain, checkPortName, checkQualifiedName } from './names.ts';

test('a condition keeps its time until its status changes, and the list its identity until anything does', () => {
  const first = setCondition<ConditionLike>(undefined, { type: 'Ready', status: 'False', reason: 'A' }, 't1');
  expect(first).toEqual([{ type: 'Ready', status: 'False', reason: 'A', lastTransitionTime: 't1' }]);
  expect(setCondition(first, { type: 'Ready', status: 'False', reason: 'A' }, 't2')).toBe(first);
  expect(setCondition(first, { type: 'Ready', status: 'False', reason: 'B' }, 't2')[0]?.lastTransitionTime).toBe('t1');
  expect(setCondition(first, { type: 'Ready', status: 'True' }, 't2')).toEqual([{ type: 'Ready', status: 'True', lastTransitionTime: 't2' }]);
});

test('keys are split at the first slash', () => {
  expect([objectKey('a', 'b'), objectKey(undefined, 'c')]).toEqual(['a/b', 'c']);
  expect([splitKey('a/b'), splitKey('c')]).toEqual([
    { namespace: 'a', name: 'b' },
    { namespace: undefined, name: 'c' },
  ]);
});

test('values are compared by structure and frozen throughout', () => {
  expect([deepEqual({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] }), deepEqual({ a: 1 }, { a: 1, b: 2 }), deepEqual([], {})]).toEqual([
    true,
    false,
    false,
  ]);
  expect(Object.isFrozen(freezeDeep({ a: [{ b: 1 }] }).a[0])).toBe(true);
});

test('names are refused in the words of Kubernetes', () => {
  expect(checkDns1123Label('A')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(checkDns1123Subdomain('a_b')).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  expect(checkDns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 bytes']);
  expect(checkQualifiedName('Example.com/x')).toEqual([expect.stringMatching(/^prefix part a lowercase RFC 1123 subdomain/)]);
  expect(checkQualifiedName('example.com/x')).toEqual([]);
  expect(checkPortName('http--8080')).toEqual(['must not contain consecutive hyphens']);
  expect(checkConfigMapKey('..')).toEqual(["must not be '..'"]);
});
