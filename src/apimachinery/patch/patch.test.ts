import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonMap } from '../json-value.ts';
import { freezeDeep } from '../json-value.ts';
import { DEPLOYMENT, SERVICE, testDefinitions } from '../testing-definitions.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  createMergePatch,
  createStrategicMergePatch,
  createThreeWayStrategicPatch,
} from './index.ts';

const strategic = (target: unknown, patch: unknown, name = DEPLOYMENT) => applyStrategicMergePatch(testDefinitions, name, freezeDeep(target) as JsonMap, patch);
const podSpec = <T>(spec: T) => ({ spec: { template: { spec } } });

describe('JSON patch', () => {
  test('applies every operation', () => {
    const result = applyJsonPatch({ a: [1, 2], b: { c: 1 } }, [
      { op: 'test', path: '/a/0', value: 1 },
      { op: 'add', path: '/a/-', value: 3 },
      { op: 'add', path: '/a/0', value: 0 },
      { op: 'replace', path: '/b/c', value: 2 },
      { op: 'copy', from: '/b', path: '/d' },
      { op: 'move', from: '/b/c', path: '/x~1y' },
      { op: 'remove', path: '/a/1' },
    ]);
    expect(
      applyJsonPatch({ a: [1, 2] }, [
        { op: 'remove', path: '/a/-1' },
        { op: 'replace', path: '/b', value: 1 },
      ]),
    ).toEqual({ a: [1], b: 1 });
    expect(result).toEqual({ a: [0, 2, 3], b: {}, d: { c: 2 }, 'x/y': 2 });
  });

  test.each([
    [{ op: 'remove', path: '/x' }, 422, "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"],
    [{ op: 'replace', path: '/x/y', value: 1 }, 422, 'replace operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: 'add', path: '/x/y', value: 1 }, 422, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: 'test', path: '/a', value: 2 }, 422, 'testing value /a failed: test failed'],
    [{ op: 'explode', path: '/a' }, 422, 'Unexpected kind: explode'],
    [{ path: '/a' }, 400, undefined],
  ])('%j is refused', (operation, code, why) => {
    expect(() => applyJsonPatch({ a: 1 }, [operation])).toThrow(
      expect.objectContaining({
        code,
        ...(why ? { status: expect.objectContaining({ details: { causes: [expect.objectContaining({ message: why })] } }) } : {}),
      }),
    );
  });
});

const json = fc.letrec<{ value: unknown; map: JsonMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom('a', 'b'),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonMap>,
})).map;

test('a merge patch made from two values turns one into the other', () => {
  fc.assert(
    fc.property(json, json, (from, to) => {
      expect(applyMergePatch(from, createMergePatch(from, to) ?? {})).toEqual(to);
    }),
  );
  expect(applyMergePatch({ a: { b: 1, c: 2 } }, { a: { b: null }, d: { e: null, f: 1 } })).toEqual({ a: { c: 2 }, d: { f: 1 } });
});

describe('strategic merge patch', () => {
  const target = podSpec({
    containers: [
      { name: 'a', image: '1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: '2' },
    ],
  });

  test.each([
    [
      'an element merges by its key',
      podSpec({ containers: [{ name: 'b', image: '3' }] }),
      [target.spec.template.spec.containers[0], { name: 'b', image: '3' }],
    ],
    ['a new element comes first', podSpec({ containers: [{ name: 'c' }] }), [{ name: 'c' }, ...target.spec.template.spec.containers]],
    ['$patch: delete removes an element', podSpec({ containers: [{ $patch: 'delete', name: 'a' }] }), [target.spec.template.spec.containers[1]]],
    ['$patch: replace replaces the list', podSpec({ containers: [{ name: 'z' }, { $patch: 'replace' }] }), [{ name: 'z' }]],
    [
      '$setElementOrder orders',
      podSpec({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }),
      [target.spec.template.spec.containers[1], target.spec.template.spec.containers[0]],
    ],
  ])('%s', (_, patch, expected) => {
    expect(strategic(target, patch)).toEqual(podSpec({ containers: expected }));
  });

  test('maps: null deletes, $patch replaces, $retainKeys keeps', () => {
    const strategy = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    expect(strategic(strategy, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })).toEqual({ spec: { strategy: { type: 'Recreate' } } });
    expect(strategic(strategy, { spec: { strategy: { $patch: 'replace', type: 'Recreate' } } })).toEqual({ spec: { strategy: { type: 'Recreate' } } });
    expect(strategic(strategy, { spec: { strategy: { rollingUpdate: null } } })).toEqual({ spec: { strategy: { type: 'RollingUpdate' } } });
    expect(() => strategic(strategy, { spec: { $patch: 'x' } })).toThrow('unknown patch type');
  });

  test('lists of primitives merge and delete', () => {
    const object = { metadata: { finalizers: ['a', 'b'] } };
    expect(strategic(object, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } })).toEqual({
      metadata: { finalizers: ['c', 'b'] },
    });
  });

  test('elements without their key are refused', () => {
    expect(() => strategic(target, podSpec({ containers: [{ image: 'x' }] }))).toThrow('error in our request');
  });

  test('what others set stays in a three-way patch, what was applied before goes', () => {
    const last = podSpec({ containers: [{ name: 'a', image: '1', args: ['x'] }, { name: 'old' }] });
    const live = podSpec({
      containers: [{ name: 'a', image: '1', args: ['x'], imagePullPolicy: 'Always' }, { name: 'old' }, { name: 'sidecar' }],
      restartPolicy: 'Always',
    });
    const desired = podSpec({ containers: [{ name: 'a', image: '2' }] });
    const patch = createThreeWayStrategicPatch(testDefinitions, DEPLOYMENT, last, live, desired);
    expect(patch).toEqual(
      podSpec({
        containers: [
          { name: 'a', image: '2', args: null },
          { $patch: 'delete', name: 'old' },
        ],
        '$setElementOrder/containers': [{ name: 'a' }],
      }),
    );
    const next = strategic(live, patch);
    expect(next).toEqual(podSpec({ containers: [{ name: 'a', image: '2', imagePullPolicy: 'Always' }, { name: 'sidecar' }], restartPolicy: 'Always' }));
    expect(createThreeWayStrategicPatch(testDefinitions, DEPLOYMENT, desired, next, desired)).toBeUndefined();
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('1', '2');
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { minLength: 1, maxLength: 2 }),
    env: fc.uniqueArray(fc.record({ name, value: text }), { selector: (one) => one.name, maxLength: 3 }),
  },
  { requiredKeys: ['name'] },
);
const deployment = fc.record(
  {
    metadata: fc.record({ labels: fc.dictionary(name, text, { noNullPrototype: true }), finalizers: fc.uniqueArray(name) }, { requiredKeys: [] }),
    spec: fc.record(
      {
        replicas: fc.integer({ min: 0, max: 3 }),
        strategy: fc.record({ type: text, rollingUpdate: fc.record({ maxSurge: fc.integer({ min: 0, max: 2 }) }) }, { requiredKeys: ['type'] }),
        template: fc.record({ spec: fc.record({ containers: fc.uniqueArray(container, { selector: (one) => one.name }) }) }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonMap>;

test('a strategic patch made from two objects turns one into the other', () => {
  fc.assert(
    fc.property(deployment, deployment, (from, to) => {
      expect(strategic(from, createStrategicMergePatch(testDefinitions, DEPLOYMENT, from, to) ?? {})).toEqual(to);
    }),
    { numRuns: 500 },
  );
});

test('ports that share their merge key are replaced as a whole, not confused', () => {
  const from = { spec: { ports: [{ port: 53, protocol: 'UDP' }] } };
  const to = {
    spec: {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  };
  expect(strategic(from, createStrategicMergePatch(testDefinitions, SERVICE, from, to), SERVICE)).toEqual(to);
});
