import { describe, expect, it } from 'vitest';
import type { Definitions, Schema } from '../../apimachinery/index.ts';
import { apiVersionOf } from '../define-kind.ts';
import { definitions, KINDS } from '../index.ts';
import { pathSteps } from './apply-policies.ts';

/** apiVersion, kind and metadata are the same for every kind and the API server's own. */
const EVERY_KIND = new Set(['apiVersion', 'kind', 'metadata']);

/** Paths of every field below a definition, leaves and branches; a definition inside itself is not entered again. */
function fieldsOf(all: Definitions, schema: Schema, path: string, inside: readonly string[]): { readonly leaves: string[]; readonly branches: string[] } {
  switch (schema.type) {
    case 'ref': {
      const target = all[schema.ref];
      return target && !inside.includes(schema.ref) ? fieldsOf(all, target, path, [...inside, schema.ref]) : { leaves: [path], branches: [] };
    }
    case 'array':
      return withBranch(path, fieldsOf(all, schema.items, `${path}[*]`, inside));
    case 'map':
      return withBranch(path, fieldsOf(all, schema.values, `${path}{*}`, inside));
    case 'object': {
      const parts = Object.entries(schema.properties).map(([field, inner]) => fieldsOf(all, inner, path === '' ? field : `${path}.${field}`, inside));
      return withBranch(path, { leaves: parts.flatMap((part) => part.leaves), branches: parts.flatMap((part) => part.branches) });
    }
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'any':
      return { leaves: [path], branches: [] };
  }
}

const withBranch = (path: string, fields: { leaves: string[]; branches: string[] }) => ({ leaves: fields.leaves, branches: [path, ...fields.branches] });

const covers = (entry: string, leaf: string): boolean => {
  const steps = pathSteps(entry);
  const leafSteps = pathSteps(leaf);
  return steps.length <= leafSteps.length && steps.every((step, index) => step === leafSteps[index]);
};

for (const kind of KINDS) {
  describe(`fields of ${apiVersionOf(kind)} ${kind.kind}`, async () => {
    const all = await definitions();
    const fields = fieldsOf(all, { type: 'ref', ref: kind.schema }, '', []);
    const leaves = fields.leaves.filter((leaf) => !EVERY_KIND.has(pathSteps(leaf)[0] ?? ''));
    const actedUpon = (kind.actedUpon ?? []).flatMap((one) => one.fields);
    const policies = kind.fieldPolicies.map((policy) => policy.path);

    it('are all acted upon, refused or warned about', () => {
      const ignored = leaves.filter((leaf) => ![...actedUpon, ...policies].some((entry) => covers(entry, leaf)));
      expect(ignored).toEqual([]);
    });
    it('exist when they are named', () => {
      const known = new Set([...fields.leaves, ...fields.branches].map((path) => pathSteps(path).join('.')));
      expect([...actedUpon, ...policies].filter((entry) => !known.has(pathSteps(entry).join('.')))).toEqual([]);
    });
    it('that no value makes right are not said to be acted upon', () => {
      const never = kind.fieldPolicies.filter((policy) => policy.except === undefined).map((policy) => policy.path);
      expect(never.filter((path) => actedUpon.some((entry) => covers(entry, path)))).toEqual([]);
    });
  });
}
