import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freezeDeep } from '../json-value.ts';
import type { KubeObject } from '../object.ts';
import { DEPLOYMENT, SERVICE, testDefinitions } from '../testing-definitions.ts';
import { applyConflict, applyServerSide, trackUpdate } from './index.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const later = nowMs + 60_000;
const object = (spec: unknown, metadata: object = {}): KubeObject =>
  freezeDeep({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'default', ...metadata }, spec }) as KubeObject;
const base = { definitions: testDefinitions, schema: DEPLOYMENT, apiVersion: 'apps/v1' };

interface Given {
  readonly manager?: string;
  readonly force?: boolean;
  readonly at?: number;
  readonly schema?: string;
}
function apply(live: KubeObject | undefined, applied: KubeObject, { manager = 'me', force = false, at = nowMs, schema = DEPLOYMENT }: Given = {}): KubeObject {
  const result = applyServerSide({ ...base, schema, live, applied, manager, force, nowMs: at });
  if ('conflicts' in result) throw applyConflict(result.conflicts);
  return freezeDeep(result.object);
}
const update = (old: KubeObject | undefined, next: KubeObject, manager = 'them', at = nowMs): KubeObject =>
  freezeDeep(trackUpdate({ ...base, old, new: next, manager, nowMs: at }));
const owners = (one: KubeObject) =>
  Object.fromEntries((one.metadata.managedFields ?? []).map((entry) => [`${entry.manager}/${entry.operation}`, entry.fieldsV1]));
const specOf = (one: KubeObject) => (one as KubeObject & { readonly spec: unknown }).spec;

describe('updates', () => {
  test('a create is owned by its manager, in the form that kubectl shows', () => {
    const created = update(
      undefined,
      object(
        { replicas: 1, template: { spec: { containers: [{ name: 'x', image: 'i', ports: [{ containerPort: 80 }], resources: {} }] } } },
        { labels: { a: 'b' } },
      ),
      'kubectl-create',
    );
    expect(created.metadata.managedFields).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"x"}': {
                    '.': {},
                    'f:name': {},
                    'f:image': {},
                    'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                    'f:resources': {},
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  test('a field goes from one manager to the one that changes it', () => {
    const created = update(undefined, object({ replicas: 1, paused: true }), 'a');
    const changed = update(created, object({ replicas: 2, paused: true }), 'b', later);
    expect(owners(changed)).toEqual({ 'a/Update': { 'f:spec': { 'f:paused': {} } }, 'b/Update': { 'f:spec': { 'f:replicas': {} } } });
    const removed = update(changed, object({ paused: true }), 'c', later);
    expect(owners(removed)).toEqual({ 'a/Update': { 'f:spec': { 'f:paused': {} } } });
  });

  test('a write to fields that are owned already keeps managedFields as they are', () => {
    const created = update(undefined, object({ replicas: 1 }));
    const again = update(created, object({ replicas: 2 }, { managedFields: structuredClone(created.metadata.managedFields) }), 'them', later);
    expect(again.metadata.managedFields).toBe(created.metadata.managedFields);
    expect(update(again, object({ replicas: 2 }), 'someone', later).metadata.managedFields).toBe(created.metadata.managedFields);
  });

  test('one empty entry forgets all managers; entries that cannot be read are not taken', () => {
    const created = update(undefined, object({ replicas: 1 }));
    expect(update(created, object({ replicas: 1 }, { managedFields: [{}] })).metadata.managedFields).toBeUndefined();
    const bad = object({ replicas: 1 }, { managedFields: [{ manager: 'x', operation: 'Eat' }] });
    expect(update(created, bad).metadata.managedFields).toBe(created.metadata.managedFields);
  });

  test('status is tracked apart, by subresource', () => {
    const created = update(undefined, object({ replicas: 1 }));
    const next = { ...created, status: { replicas: 1 } } as KubeObject;
    const written = trackUpdate({ ...base, old: created, new: next, manager: 'ctl', subresource: 'status', nowMs: later });
    expect(written.metadata.managedFields?.[1]).toMatchObject({ manager: 'ctl', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } });
  });

  test('the oldest of more than ten managers are put together', () => {
    let live = update(undefined, object({}));
    for (let index = 0; index < 14; index++) {
      live = update(live, object({}, { labels: { ...live.metadata.labels, [`l${index}`]: 'x' } }), `m${index}`, nowMs + index * 1000);
    }
    expect(live.metadata.managedFields).toHaveLength(10);
    expect(live.metadata.managedFields?.[0]?.manager).toBe('ancient-changes');
  });
});

describe('server-side apply', () => {
  test('conflicts name the manager and the field', () => {
    const live = update(undefined, object({ replicas: 1, paused: false }), 'kubectl-client-side-apply');
    expect(() => apply(live, object({ replicas: 2 }))).toThrow(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
    );
    expect(() => apply(live, object({ replicas: 2, paused: true }))).toThrow(
      'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n- .spec.replicas\n- .spec.paused',
    );
    expect(owners(apply(live, object({ replicas: 2 }), { force: true }))).toEqual({
      'kubectl-client-side-apply/Update': { 'f:spec': { 'f:paused': {} } },
      'me/Apply': { 'f:spec': { 'f:replicas': {} } },
    });
  });

  test('a value that is there already is shared without a conflict', () => {
    const live = update(undefined, object({ replicas: 1 }), 'other');
    expect(owners(apply(live, object({ replicas: 1 })))).toEqual({
      'other/Update': { 'f:spec': { 'f:replicas': {} } },
      'me/Apply': { 'f:spec': { 'f:replicas': {} } },
    });
  });

  test("kubectl takes over what its client-side apply set, and nobody else's fields", () => {
    const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object({ replicas: 1 })) };
    const live = update(undefined, object({ replicas: 1, paused: false }, { annotations: lastApplied }), 'kubectl-client-side-apply');
    expect(specOf(apply(live, object({ replicas: 5 }), { manager: 'kubectl' }))).toEqual({ replicas: 5, paused: false });
    expect(() => apply(live, object({ paused: true }), { manager: 'kubectl' })).toThrow('.spec.paused');
  });

  test('fields left out of the next configuration go, unless another manager owns them', () => {
    const containers = (...list: readonly object[]) => ({ template: { spec: { containers: list } } });
    const first = apply(
      undefined,
      object({ replicas: 3, ...containers({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: '1' }) }, { labels: { l: '1' } }),
    );
    const shared = apply(first, object({ replicas: 3 }), { manager: 'hpa' });
    const second = apply(shared, object(containers({ name: 'a', image: '1' })));
    expect(specOf(second)).toEqual({ replicas: 3, ...containers({ name: 'a', image: '1' }) });
    expect(second.metadata).toMatchObject({ name: 'a', namespace: 'default' });
    expect(second.metadata.labels).toBeUndefined();
  });

  test('list elements that others added stay where they were', () => {
    const ports = (...list: readonly number[]) => ({ ports: list.map((port) => ({ port, protocol: 'TCP' })) });
    const first = apply(undefined, object(ports(1, 3)), { schema: SERVICE });
    const withOther = trackUpdate({ ...base, schema: SERVICE, old: first, new: { ...first, spec: ports(1, 2, 3) } as KubeObject, manager: 'x', nowMs });
    expect(specOf(apply(withOther, object(ports(3, 1, 4)), { schema: SERVICE }))).toEqual(ports(2, 3, 1, 4));
  });

  test('two elements of one key are refused', () => {
    const env = [{ name: 'A' }, { name: 'A' }];
    expect(() => apply(undefined, object({ template: { spec: { containers: [{ name: 'x', env }] } } }))).toThrow(
      '.spec.template.spec.containers[name="x"].env: duplicate entries for key [name="A"]',
    );
  });

  test('an object from before managedFields is owned by before-first-apply', () => {
    expect(() => apply(object({ replicas: 1 }), object({ replicas: 2 }))).toThrow('conflict with "before-first-apply" using apps/v1: .spec.replicas');
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('1', '2');
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { minLength: 1, maxLength: 2 }),
    resources: fc.record({ limits: fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true }) }),
  },
  { requiredKeys: ['name'] },
);
const config = fc
  .record(
    {
      replicas: fc.integer({ min: 0, max: 3 }),
      strategy: fc.record({ type: text }),
      template: fc.record({ spec: fc.record({ containers: fc.uniqueArray(container, { selector: (one) => one.name, minLength: 1 }) }) }),
    },
    { requiredKeys: [] },
  )
  .chain((spec) => fc.dictionary(name, text, { noNullPrototype: true }).map((labels) => object(spec, Object.keys(labels).length > 0 ? { labels } : {})));

test('applying the same configuration again changes nothing at all', () => {
  fc.assert(
    fc.property(config, config, fc.boolean(), (mine, theirs, others) => {
      const start = others ? apply(undefined, theirs, { manager: 'other' }) : undefined;
      const once = apply(start, mine, { force: true });
      expect(apply(once, mine, { at: later })).toBe(once);
    }),
    { numRuns: 300 },
  );
});

test('after a forced apply every field of the configuration is in the object, whoever was there before', () => {
  fc.assert(
    fc.property(config, config, config, (first, theirs, mine) => {
      const live = apply(apply(apply(undefined, first), theirs, { manager: 'other', force: true }), mine, { force: true });
      // An apply over it finds nothing to set: all of `mine` is there.
      expect(apply(live, mine, { manager: 'observer' })).toMatchObject({ spec: specOf(live) as object });
      const { managedFields: _, ...metadata } = live.metadata;
      expect(metadata).toMatchObject(mine.metadata);
    }),
    { numRuns: 300 },
  );
});

test('what one manager applied alone and then gives up is gone, down to the empty configuration', () => {
  fc.assert(
    fc.property(config, config, (first, second) => {
      const direct = apply(undefined, second);
      const replaced = apply(apply(undefined, first), second);
      expect(owners(replaced)).toEqual(owners(direct));
      const { managedFields: _, ...metadata } = replaced.metadata;
      const { managedFields: __, ...wanted } = direct.metadata;
      expect(metadata).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('a conflict is answered exactly when a field of another manager would get another value', () => {
  fc.assert(
    fc.property(config, config, (theirs, mine) => {
      const live = apply(undefined, theirs, { manager: 'other' });
      const result = applyServerSide({ ...base, live, applied: mine, manager: 'me', force: false, nowMs });
      if ('conflicts' in result) {
        expect(result.conflicts.length).toBeGreaterThan(0);
        const forced = apply(live, mine, { force: true });
        expect(owners(forced)['other/Apply']).not.toEqual(owners(live)['other/Apply']);
      } else expect(owners(result.object)['other/Apply']).toEqual(owners(live)['other/Apply']);
    }),
    { numRuns: 300 },
  );
});
