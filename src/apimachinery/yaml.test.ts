import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseManifests, toYaml } from './yaml.ts';

const read = (text: string) => parseManifests(text, 'a.yaml').map((one) => one.value);

test('values are read as kubectl reads them', () => {
  const text = 'a: yes\nb: 0644\nc: 0o17\nd: 0x1F\ne: 1_000\nf: 22:22\ng: 2026-01-02\ny: off\nh: "yes"\ni: 1.5\nj: ~\nk: 08:30:00\n';
  expect(read(text)).toEqual([{ a: true, b: 420, c: 15, d: 31, e: 1000, f: '22:22', g: '2026-01-02', true: false, h: 'yes', i: 1.5, j: null, k: '08:30:00' }]);
});

test('empty documents are left out, anchors and merge keys work', () => {
  expect(read('---\n# nothing\n---\na: &x {b: 1}\nc: {<<: *x, d: 2}\n---\n')).toEqual([{ a: { b: 1 }, c: { b: 1, d: 2 } }]);
  expect(read('')).toEqual([]);
  expect(read('{"a": [1, "x"]}')).toEqual([{ a: [1, 'x'] }]);
});

test('errors and fields have their place', () => {
  expect(() => read('a: 1\nb:\n  c: 1\n  c: 2\n')).toThrow(/^a\.yaml:4:3: Map keys must be unique/);
  expect(() => read('a: [1\nb: 2\n')).toThrow(/^a\.yaml:2:1: /);
  const [first, second] = parseManifests('a: 1\n---\nspec:\n  list:\n    - name: x\n      port: 1\n', 'a.yaml');
  expect(first?.position(['a'])).toEqual({ line: 1, column: 1 });
  expect(second?.position(['spec', 'list', 0, 'port'])).toEqual({ line: 6, column: 7 });
  expect(second?.position(['spec', 'missing', 'x'])).toEqual({ line: 3, column: 1 });
  expect(second?.document).toBe(1);
});

test('output is sorted, unindented and quotes what would read as something else', () => {
  const shared = { x: 1 };
  expect(
    toYaml({ b: ['yes', '0644', '22:22', 'plain', ''], a: { t: '2026-01-02T03:04:05Z', n: null, e: {}, l: [] }, c: 'two\nlines\n', d: [shared, shared] }),
  ).toBe(
    [
      'a:',
      '  e: {}',
      '  l: []',
      '  "n": null',
      '  t: "2026-01-02T03:04:05Z"',
      'b:',
      '- "yes"',
      '- "0644"',
      '- "22:22"',
      '- plain',
      '- ""',
      'c: |',
      '  two',
      '  lines',
      'd:',
      '- x: 1',
      '- x: 1',
      '',
    ].join('\n'),
  );
});

test('whatever is printed reads back as it was', () => {
  const tricky = [
    '',
    ' ',
    '\n',
    'a\n',
    'a\nb',
    '  a\n b\n\n',
    '\ta',
    '0o17',
    '1:2',
    '=',
    '<<',
    '- a',
    'a: b',
    '# x',
    "it's",
    '"',
    '\u0001',
    '~',
    '1e3',
    '.5',
    'null',
    '2026-01-02',
    '%',
    '@',
    '|',
    '>',
    '*a',
    '&a',
    '!a',
    '?',
    '{}',
    '[',
    'a #b',
  ];
  const word = fc.oneof(
    fc.constantFrom(...tricky),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(' ', '\n', 'a', '-', ':', '#', "'", '"', '\\'), maxLength: 8 }),
  );
  const values = fc.dictionary(
    word.filter((one) => one !== '<<'),
    fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.array(word, { maxLength: 3 })),
    {
      noNullPrototype: true,
    },
  );
  fc.assert(
    fc.property(values, (value) => {
      expect(read(toYaml([value]))).toEqual([[value]]);
    }),
    { numRuns: 500 },
  );
});
