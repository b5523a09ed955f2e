import { expect, test } from 'vitest';
import { formatFieldSelector, parseFieldSelector } from './field-selector.ts';
import { formatLabelSelector, labelSelectorMatcher } from './label-selector.ts';
import { parseLabelSelector } from './parse-label-selector.ts';

const labels = { app: 'shop', tier: 'web', version: '3', empty: '' };

test.each([
  ['', true],
  ['app=shop', true],
  ['app==shop,tier!=db', true],
  ['app in (shop, other),!missing', true],
  ['app notin (shop)', false],
  ['missing notin (x)', true],
  ['app', true],
  ['!app', false],
  ['version>2', true],
  ['version<3', false],
  ['empty=', true],
  ['empty=,app', true],
  ['in=x', false],
  ['app in ()', false],
])('selector %j matches: %j', (text, expected) => {
  expect(parseLabelSelector(text).matches(labels)).toBe(expected);
});

test.each([
  ['app=shop)', "found ')', expected: ',' or 'end of string'"],
  ['app,', "found '', expected: identifier after ','"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['type)', "unable to parse requirement: found ')', expected: in, notin, =, ==, !=, gt, lt"],
  ['env IN (a)', "unable to parse requirement: found 'IN', expected: in, notin, =, ==, !=, gt, lt"],
  ['app in a', "unable to parse requirement: found 'a' expected: '('"],
  ['a/b/c=d', /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a qualified name must consist of/],
  ['a=b%', /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "b%": a valid label must be an empty string/],
])('selector %j is refused', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(message);
});

test('selectors are written back in key order', () => {
  expect(parseLabelSelector('b in (y,x),a=1,!c').toString()).toBe('a=1,b in (x,y),!c');
  const selector = { matchLabels: { app: 'shop' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }] };
  expect(formatLabelSelector(selector)).toBe('app=shop,tier notin (db)');
  expect(labelSelectorMatcher(selector).matches(labels)).toBe(true);
  expect(labelSelectorMatcher(undefined).matches(labels)).toBe(false);
  expect(labelSelectorMatcher({}).matches({})).toBe(true);
});

test('field selectors are read with escapes and written back', () => {
  const text = 'metadata.name=a\\,b,status.phase!=Running,spec.nodeName==n';
  expect(parseFieldSelector(text)).toEqual([
    { path: 'metadata.name', op: '=', value: 'a,b' },
    { path: 'status.phase', op: '!=', value: 'Running' },
    { path: 'spec.nodeName', op: '=', value: 'n' },
  ]);
  expect(formatFieldSelector(parseFieldSelector(text))).toBe('metadata.name=a\\,b,status.phase!=Running,spec.nodeName=n');
  expect(() => parseFieldSelector('nonsense')).toThrow("invalid selector: 'nonsense'; can't understand 'nonsense'");
});
