import { expect, test } from 'vitest';
import { parseManifests } from './parse.ts';

const scalars = (text: string): unknown => {
  const found = parseManifests(
    `apiVersion: v1
kind: X
metadata: {name: a}
v: {${text}}
`,
    'f.yaml',
  );
  return found.map(({ object }) => (object as unknown as { v: unknown }).v)[0];
};

test('scalars are read as kubectl reads them', () => {
  expect(
    scalars('a: yes, b: off, c: 0644, d: 0o17, e: 0x1F, f: 1_000, g: 22:22, h: 2001-12-14, i: 2001-12-14T21:59:43Z, j: "yes", k: 1.5, l: ~, m: 0, o: -3'),
  ).toEqual({
    a: true,
    b: false,
    c: 420,
    d: 15,
    e: 31,
    f: 1000,
    g: '22:22',
    h: '2001-12-14',
    i: '2001-12-14T21:59:43Z',
    j: 'yes',
    k: 1.5,
    l: null,
    m: 0,
    o: -3,
  });
});

test('documents, empty ones and lists are taken apart, with the line of each', () => {
  const text =
    '# c\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: B, metadata: {name: b}}\n';
  expect(parseManifests(text, 'f.yaml').map(({ object, line }) => `${object.kind} ${line}`)).toEqual(['A 3', 'B 11']);
});

test('JSON is read too', () => {
  expect(parseManifests('{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}', 'f.json').length).toBe(1);
});

test.each([
  ['a: [1\nb: 2\n', /^f\.yaml:2:\d+: /],
  ['apiVersion: v1\nkind: A\nkind: B\n', /^f\.yaml:3:1: /],
  ['apiVersion: v1\nmetadata: {}\n', /^f\.yaml:1:1: kind is missing/],
  ['- 1\n', /^f\.yaml:1:1: expected an object/],
  ['apiVersion: v1\nkind: A\nmetadata:\n  name: 12\n', /metadata\.name must be a text, got 12/],
])('a broken manifest says where: %j', (text, message) => {
  expect(() => parseManifests(text, 'f.yaml')).toThrow(message);
});
