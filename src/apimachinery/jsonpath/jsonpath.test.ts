import { expect, test } from 'vitest';
import { JsonPathError, parseJsonPath, relaxedJsonPath } from './index.ts';

const data = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'x' } },
      status: { ready: true, conditions: [{ type: 'Ready', status: 'True' }], ports: [80, 81] },
    },
    { metadata: { name: 'b' }, status: { ready: false, conditions: [{ type: 'Ready', status: 'False' }], restarts: 3 } },
  ],
};

test.each([
  ['{.kind}', 'List'],
  ['{ .kind }', 'List'],
  ['kind is {.kind}!', 'kind is List!'],
  ['{.items[*].metadata.name}', 'a b'],
  ['{.items[0].metadata.name}', 'a'],
  ['{.items[-1].metadata.name}', 'b'],
  ['{.items[-1:].metadata.name}', 'b'],
  ['{.items[0:2].metadata.name}', 'a b'],
  ['{.items[0:2:2].metadata.name}', 'a'],
  ["{.items[0,1]['metadata']['name']}", 'a b'],
  ["{.items[*].status['ready','restarts']}", 'true false 3'],
  ["{.items[0].metadata['name','labels']}", 'a {"app.kubernetes.io/name":"x"}'],
  ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'x'],
  ["{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", 'x'],
  ['{..name}', 'a b'],
  ['{range .items[*]}{.metadata.name}{"\\t"}{.status.ready}{"\\n"}{end}', 'a\ttrue\nb\tfalse\n'],
  ['{range .items[*]}[{.metadata.name}, {$.kind}] {end}', '[a, List] [b, List] '],
  ['{.items[?(@.status.ready==true)].metadata.name}', 'a'],
  ['{.items[?(@.metadata.name=="b")].status.conditions[?(@.type=="Ready")].status}', 'False'],
  ["{.items[?(@.metadata.name != 'b')].metadata.name}", 'a'],
  ['{.items[?(@.status.restarts>2)].metadata.name}', 'b'],
  ['{.items[?(@.metadata.labels)].metadata.name}', 'a'],
  ['{.items[0].status.ports}', '[80,81]'],
  ['{.missing.field}', ''],
  ['{.items[*].status.restarts}', '3'],
  ["{'quoted { text'}", 'quoted { text'],
  ['{range .items[*]}{range .status.conditions[*]}{.type}={.status};{end}{end}', 'Ready=True;Ready=False;'],
  ['{.items[*].metadata.*}', 'a {"app.kubernetes.io/name":"x"} b'],
])('template %s prints %j', (template, expected) => {
  expect(parseJsonPath(template).print(data)).toBe(expected);
});

test.each([
  ['{.a', 'unclosed action'],
  ['{end}', 'not in range, nothing to end'],
  ['{range .items[*]}x', '{range} without {end}'],
  ['{.items[x y]}', 'invalid array index x y'],
  ['{kind}', 'unrecognized identifier kind'],
  ['{"a}', 'unterminated quoted string'],
])('template %s is refused', (template, message) => {
  expect(() => parseJsonPath(template)).toThrow(JsonPathError);
  expect(() => parseJsonPath(template)).toThrow(message);
});

test('what the data does not have is an error where it must be one', () => {
  expect(() => parseJsonPath('{.items[5]}').print(data)).toThrow('array index out of bounds: index 5, length 2');
  expect(() => parseJsonPath('{.nothing}', { missing: 'error' }).print(data)).toThrow('nothing is not found');
});

test('relaxed expressions become templates', () => {
  expect(['.metadata.name', 'metadata.name', '{metadata.name}', '{.metadata.name}'].map(relaxedJsonPath)).toEqual(Array(4).fill('{.metadata.name}'));
  expect(parseJsonPath(relaxedJsonPath('.items[*].metadata.name')).find(data)).toEqual(['a', 'b']);
  expect(() => relaxedJsonPath('{.a}{.b}')).toThrow('unexpected path string');
});
