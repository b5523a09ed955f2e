import { describe, expect, it } from 'vitest';
import { checkSchema } from '../apimachinery/index.ts';
import { apiVersionOf } from './define-kind.ts';
import { applyFieldPolicies, definitions, KINDS, kindByGVK, kindByResource, kindOfObject, schemaFor } from './index.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

for (const kind of KINDS) {
  describe(`kind ${apiVersionOf(kind)} ${kind.kind}`, () => {
    const strategy = kind.strategy;
    const defaulted = strategy.defaults?.(kind.example) ?? kind.example;
    const created = strategy.prepareForCreate?.(defaulted, { nowMs: NOW_MS }) ?? defaulted;

    it('has a schema and an example that fits it', async () => {
      expect(await schemaFor(kind)).toMatchObject({ type: 'object' });
      const result = checkSchema(await definitions(), kind.schema, kind.example);
      expect({ errors: result.errors, unknown: result.unknown }).toEqual({ errors: [], unknown: [] });
      expect([kind.example.apiVersion, kind.example.kind]).toEqual([apiVersionOf(kind), kind.kind]);
    });
    it('accepts its example without an error', () => {
      expect(strategy.validate?.(created) ?? []).toEqual([]);
      expect(applyFieldPolicies(kind, created)).toEqual({ errors: [], warnings: [] });
      expect(strategy.warnings?.(created, undefined) ?? []).toEqual([]);
    });
    it('accepts an update that changes nothing', () => {
      const updated = strategy.prepareForUpdate?.(created, created, { nowMs: NOW_MS }) ?? created;
      expect(updated).toEqual(created);
      expect(strategy.validateUpdate?.(updated, created) ?? []).toEqual([]);
      expect(strategy.validateStatusUpdate?.(updated, created) ?? []).toEqual([]);
    });
    it('defaults what it defaulted to itself, without making it anew', () => {
      expect(strategy.defaults?.(created) ?? created).toBe(created);
    });
    it('keeps inside its schema what defaults and preparation add', async () => {
      const result = checkSchema(await definitions(), kind.schema, created);
      expect({ errors: result.errors, unknown: result.unknown }).toEqual({ errors: [], unknown: [] });
    });
    it('prints every column for its example and for an empty object', () => {
      const empty = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: {} };
      for (const object of [created, empty]) {
        for (const column of kind.columns) expect(['string', 'number', 'boolean'], column.name).toContain(typeof column.cell(object, NOW_MS));
      }
    });
    it('answers every field selector for its example and for an empty object', () => {
      const empty = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: {} };
      for (const [path, read] of Object.entries(kind.selectableFields)) {
        for (const object of [created, empty]) expect(typeof read(object), path).toBe('string');
      }
    });
    it('gives reasons that a Warning header can carry', () => {
      const printable = /^[ -~]+$/;
      expect(kind.fieldPolicies.map((policy) => policy.reason).filter((reason) => !printable.test(reason))).toEqual([]);
    });
    it('is found by its names', () => {
      expect(kindByGVK(kind.group, kind.version, kind.kind)).toBe(kind);
      expect(kindByResource(kind.group, kind.version, kind.plural)).toBe(kind);
      expect(kindOfObject(kind.example)).toBe(kind);
    });
    it('reads back what it stores under another kind', () => {
      if (!kind.storedAs) return;
      expect(kind.storedAs.fromStored(kind.storedAs.toStored(created))).toEqual(created);
    });
  });
}
