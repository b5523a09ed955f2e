import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freezeDeep, isMap, type JsonMap } from './json-value.ts';
import { applyServerSide, trackUpdate } from './managed-fields/index.ts';
import type { KubeObject } from './object.ts';
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from './patch/index.ts';
import { checkSchema } from './schema-walker.ts';
import { StatusError } from './status-error.ts';
import { POD, testDefinitions } from './testing-definitions.ts';

const FIELDS = [
  'metadata',
  'spec',
  'status',
  'labels',
  'name',
  'containers',
  'env',
  'ports',
  'containerPort',
  'protocol',
  'value',
  'resources',
  'limits',
  'cpu',
];
const MORE = [
  'volumes',
  'emptyDir',
  'finalizers',
  'conditions',
  'type',
  'tolerations',
  'nodeSelector',
  'ownerReferences',
  'uid',
  '$patch',
  '$retainKeys',
  '__proto__',
  'x',
];
const field = fc.constantFrom(...FIELDS, ...MORE, '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers');
const json = fc.letrec<{ value: unknown; map: JsonMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom<unknown>(null, 1, 'a', '', true, 'delete', '100m', 1.5, -1, [], {}),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map'),
    tie('map'),
  ),
  map: fc.dictionary(field, tie('value'), { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonMap>,
}));

/** What a client may be told; anything else is a fault of ours. */
function answered<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) return undefined;
    throw error;
  }
}

const checked = (value: JsonMap): KubeObject | undefined => {
  const { errors, value: object } = checkSchema(testDefinitions, POD, freezeDeep({ ...value, apiVersion: 'v1', kind: 'Pod' }));
  if (errors.length > 0) return undefined;
  const found = object as KubeObject;
  return freezeDeep({ ...found, metadata: { ...found.metadata, name: 'a' } });
};

test('whatever is sent as an object is read or refused, and reading again changes nothing', () => {
  fc.assert(
    fc.property(json.map, (value) => {
      const first = checkSchema(testDefinitions, POD, freezeDeep(value));
      const again = checkSchema(testDefinitions, POD, first.value);
      if (first.errors.length === 0) expect([again.errors, again.unknown, again.value === first.value]).toEqual([[], [], true]);
    }),
    { numRuns: 2000 },
  );
});

test('whatever is sent as a patch is applied or refused', () => {
  fc.assert(
    fc.property(json.map, json.value, (target, patch) => {
      freezeDeep([target, patch]);
      const results = [
        answered(() => applyStrategicMergePatch(testDefinitions, POD, target, patch)),
        answered(() => applyMergePatch(target, patch)),
        answered(() => applyJsonPatch(target, [{ op: 'add', path: '/spec/x', value: patch }])),
        answered(() => applyJsonPatch(target, patch)),
      ];
      for (const result of results) if (isMap(result)) checkSchema(testDefinitions, POD, result);
    }),
    { numRuns: 1000 },
  );
});

test('whatever objects are written, their managers can be told, and telling twice changes nothing', () => {
  const base = { definitions: testDefinitions, schema: POD, apiVersion: 'v1', nowMs: 0 };
  fc.assert(
    fc.property(json.map, json.map, (one, other) => {
      const [old, next] = [checked(one), checked(other)];
      if (!old || !next) return;
      const { managedFields: _, ...metadata } = next.metadata;
      const created = freezeDeep(trackUpdate({ ...base, old: undefined, new: old, manager: 'a' }));
      const updated = freezeDeep(trackUpdate({ ...base, old: created, new: next, manager: 'b' }));
      expect(trackUpdate({ ...base, old: updated, new: updated, manager: 'c', nowMs: 60_000 })).toBe(updated);
      const apply = (live: KubeObject) => answered(() => applyServerSide({ ...base, live, applied: { ...next, metadata }, manager: 'me', force: true }));
      const applied = apply(created);
      if (!applied || !('object' in applied)) return;
      const again = apply(freezeDeep(applied.object));
      expect(again && 'object' in again && again.object === applied.object).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
