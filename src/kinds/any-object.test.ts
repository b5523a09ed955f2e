import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema, type Definitions, type KubeObject, type ObjectSchema, type Schema } from '../apimachinery/index.ts';
import { apiVersionOf } from './define-kind.ts';
import { applyFieldPolicies, definitions, KINDS } from './index.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
/** Deep enough for what stands in a container's probe of a template. */
const MAX_DEPTH = 14;
const RUNS = 150;

const WORDS = ['', 'a', 'Always', 'RollingUpdate', 'TCP', '25%', 'UPPER', '../x', '/srv', 'In', 'Exists', 'NoExecute', 'None', 'cpu', 'memory', '10.0.0.1'];

/** Any value that fits a schema: fields are left out, lists are short, and words are those that rules look at. */
function anyOf(all: Definitions, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'ref': {
      const target = all[schema.ref];
      return target && depth < MAX_DEPTH ? anyObject(all, target, depth + 1) : fc.constant({});
    }
    case 'array':
      return depth < MAX_DEPTH ? fc.array(anyOf(all, schema.items, depth + 1), { maxLength: 2 }) : fc.constant([]);
    case 'map':
      return depth < MAX_DEPTH
        ? fc.dictionary(fc.constantFrom('cpu', 'memory', 'a/b', 'x y', 'drover.dev/exec-mode'), anyOf(all, schema.values, depth + 1), { maxKeys: 2 })
        : fc.constant({});
    case 'object':
      return anyObject(all, schema, depth);
    case 'string':
      if (schema.format === 'int-or-string') return fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.constantFrom('25%', 'http', ''));
      if (schema.format === 'quantity') return fc.constantFrom('0', '1', '100m', '1Gi', '-1', '1500m');
      if (schema.format === 'date-time') return fc.constant('2026-01-02T03:04:05Z');
      if (schema.format === 'micro-time') return fc.constant('2026-01-02T03:04:05.000000Z');
      if (schema.format === 'byte') return fc.constantFrom('', 'c2hvcA==');
      return fc.constantFrom(...WORDS);
    case 'integer':
      return fc.integer({ min: -1, max: 70_000 });
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'any':
      return fc.constant({});
  }
}

const anyObject = (all: Definitions, schema: ObjectSchema, depth: number): fc.Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(Object.entries(schema.properties).map(([field, inner]) => [field, fc.constant(undefined).chain(() => anyOf(all, inner, depth))])),
    { requiredKeys: [] },
  );

for (const kind of KINDS) {
  describe(`any ${apiVersionOf(kind)} ${kind.kind} that fits the schema`, () => {
    it('is defaulted once for all and judged without a crash, whatever it leaves out', async () => {
      const all = await definitions();
      const schema = all[kind.schema]!;
      fc.assert(
        fc.property(anyObject(all, schema, 0), anyObject(all, schema, 0), (one, other) => {
          const [object, old] = [one, other].map((value) => {
            const named = { ...(value as KubeObject), apiVersion: apiVersionOf(kind), kind: kind.kind };
            const read = checkSchema(all, kind.schema, { ...named, metadata: { ...named.metadata, name: 'a' } });
            expect(read.errors).toEqual([]);
            return read.value as KubeObject;
          }) as [KubeObject, KubeObject];
          const { strategy } = kind;
          const defaulted: KubeObject = strategy.defaults?.(object) ?? object;
          expect(strategy.defaults?.(defaulted) ?? defaulted).toBe(defaulted);
          const created: KubeObject = strategy.prepareForCreate?.(defaulted, { nowMs: NOW_MS }) ?? defaulted;
          const before: KubeObject = strategy.defaults?.(old) ?? old;
          const updated: KubeObject = strategy.prepareForUpdate?.(defaulted, before, { nowMs: NOW_MS }) ?? defaulted;
          for (const written of [created, updated]) {
            strategy.validate?.(written);
            strategy.warnings?.(written, undefined);
            applyFieldPolicies(kind, written);
            strategy.gracefulDelete?.(written);
            for (const column of kind.columns) column.cell(written, NOW_MS);
            for (const read of Object.values(kind.selectableFields)) read(written);
          }
          strategy.validateUpdate?.(updated, before);
          strategy.validateStatusUpdate?.(updated, before);
        }),
        { numRuns: RUNS },
      );
    });
  });
}
