import { describe, expect, it } from 'vitest';
import { type FieldError, fieldErrorText, type KubeObject, type ObjectMeta } from '../../../apimachinery/index.ts';
import { configMap, endpointSlice, endpoints, event, eventsEvent, lease, namespace, node, secret, validateMetadata } from '../../index.ts';
import type { ConfigMap, Event, Namespace, Node, Secret } from '../../schema/types.ts';

const texts = (errors: readonly FieldError[] | undefined): readonly string[] => (errors ?? []).map(fieldErrorText);
const meta = { name: 'a', namespace: 'default' };
const NOW = { nowMs: 0 };

describe('metadata', () => {
  const errorsOf = (change: ObjectMeta): readonly string[] => texts(validateMetadata({ apiVersion: 'v1', kind: 'X', metadata: change }, { namespaced: true }));
  it('must have a name', () => expect(errorsOf({ namespace: 'a' })).toEqual(['metadata.name: Required value: name or generateName is required']));
  it('must have a name that DNS can carry', () => {
    expect(errorsOf({ ...meta, name: 'My_App' })[0]).toMatch(/^metadata\.name: Invalid value: "My_App": a lowercase RFC 1123 subdomain must consist of/);
  });
  it('has labels with values that selectors can carry', () => {
    expect(errorsOf({ ...meta, labels: { app: 'a b' } })[0]).toMatch(/^metadata\.labels: Invalid value: "a b": a valid label must be/);
  });
  it('has one controlling owner', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', uid: 'u', controller: true };
    expect(
      errorsOf({
        ...meta,
        ownerReferences: [
          { ...owner, name: 'x' },
          { ...owner, name: 'y' },
        ],
      })[0],
    ).toMatch(/Only one reference can have Controller set to true\. Found "true" in references for x and y$/);
  });
  it('has annotations of 256 KiB at most', () => {
    expect(errorsOf({ ...meta, annotations: { a: 'x'.repeat(262_145) } })).toEqual(['metadata.annotations: Too long: may not be more than 262144 bytes']);
  });
});

describe('a ConfigMap', () => {
  const of = (change: Partial<ConfigMap>): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, ...change });
  it('has keys that can be file names, each once', () => {
    expect(texts(configMap.strategy.validate!(of({ data: { 'a b': '' } })))[0]).toMatch(/^data\[a b\]: Invalid value: "a b": a valid config key/);
    expect(texts(configMap.strategy.validate!(of({ data: { a: '' }, binaryData: { a: '' } })))).toEqual([
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]);
  });
  it('holds one MiB at most', () => {
    expect(texts(configMap.strategy.validate!(of({ data: { a: 'x'.repeat(1_048_577) } })))).toEqual(['<nil>: Too long: may not be more than 1048576 bytes']);
  });
  it('stays as it is once it is immutable', () => {
    const old = of({ immutable: true, data: { a: '1' } });
    expect(texts(configMap.strategy.validateUpdate!(of({ data: { a: '2' } }), old))).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });
});

describe('a Secret', () => {
  const of = (change: Partial<Secret>): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta, ...change });
  it('turns stringData into data, stringData winning', () => {
    expect(secret.strategy.defaults!(of({ data: { a: 'eA==', b: 'eQ==' }, stringData: { a: 'z' } }))).toEqual(
      of({ type: 'Opaque', data: { a: 'eg==', b: 'eQ==' } }),
    );
  });
  it('has the keys of its type', () => {
    expect(texts(secret.strategy.validate!(of({ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } })))).toEqual(['data[tls.key]: Required value']);
    expect(texts(secret.strategy.validate!(of({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e3g=' } })))[0]).toMatch(
      /^data\[\.dockerconfigjson\]: Invalid value: "<secret contents redacted>": /,
    );
  });
  it('keeps its type', () => {
    expect(texts(secret.strategy.validateUpdate!(of({ type: 'x' }), of({ type: 'Opaque' })))).toEqual(['type: Invalid value: "x": field is immutable']);
  });
});

describe('a Namespace', () => {
  it('is labelled with its name, active, and finalized by Kubernetes', () => {
    const given: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    const made = namespace.strategy.prepareForCreate!(namespace.strategy.defaults!(given), NOW);
    expect(made).toEqual({
      ...given,
      metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(namespace.strategy.prepareForUpdate!({ ...made, spec: {} }, made, NOW).spec).toEqual({ finalizers: ['kubernetes'] });
  });
});

describe('a Node', () => {
  const of = (change: Partial<Node>): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, ...change });
  it('has taints that differ and whose effects exist', () => {
    const taint = { key: 'a', effect: 'NoSchedule' };
    expect(texts(node.strategy.validate!(of({ spec: { taints: [taint, taint, { key: 'b', effect: 'Never' }] } })))).toEqual([
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}',
      'spec.taints[2].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
    ]);
  });
  it('may register with its status, and offers everything until something is kept back', () => {
    const given = of({ status: { capacity: { cpu: '2' } } });
    expect(node.strategy.defaults!(given).status?.allocatable).toEqual({ cpu: '2' });
  });
});

describe('endpoints and slices', () => {
  it('may have loopback addresses: pods without a network of their own have them', () => {
    expect(texts(endpoints.strategy.validate!({ ...endpoints.example, subsets: [{ addresses: [{ ip: '127.3.0.9' }] }] }))).toEqual([]);
    expect(texts(endpointSlice.strategy.validate!({ ...endpointSlice.example, endpoints: [{ addresses: ['0.0.0.0'] }] }))).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0 or ::)',
    ]);
  });
  it('print the first three and how many more', () => {
    const addresses = ['1', '2', '3', '4', '5'].map((last) => ({ ip: `10.0.0.${last}` }));
    const object = { ...endpoints.example, subsets: [{ addresses, ports: [{ port: 80 }] }] };
    expect(endpoints.columns[1]?.cell(object, 0)).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...');
  });
  it('keep their address type', () => {
    expect(texts(endpointSlice.strategy.validateUpdate!({ ...endpointSlice.example, addressType: 'IPv6' }, endpointSlice.example))).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ]);
  });
});

describe('an Event', () => {
  const row = (object: Event): readonly unknown[] => event.columns.map((column) => column.cell(object, Date.parse('2026-01-02T03:14:05Z')));
  it('prints when it was seen last and first', () => {
    expect(row({ ...event.example, lastTimestamp: '2026-01-02T03:13:05Z', count: 3 })).toEqual([
      '60s',
      'Normal',
      'Started',
      'pod/order',
      '',
      'kubelet, machine',
      'Started container order',
      '10m',
      '3',
      'order.17f1c2d3',
    ]);
  });
  it('lives in the namespace of what it is about', () => {
    const about = { ...event.example, involvedObject: { kind: 'Pod', name: 'order', namespace: 'other' } };
    expect(texts(event.strategy.validate!(about))).toEqual(['involvedObject.namespace: Invalid value: "other": does not match event.namespace']);
    const ofNode = { ...event.example, involvedObject: { kind: 'Node', name: 'machine' } };
    expect(texts(event.strategy.validate!(ofNode))).toEqual([]);
  });
  it('is the same object in both groups', () => {
    const stored: KubeObject = event.example;
    const served = eventsEvent.storedAs!.fromStored(stored);
    expect(served).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'Started container order',
      regarding: event.example.involvedObject,
      deprecatedCount: 1,
    });
    expect(eventsEvent.storedAs!.toStored(served)).toEqual(stored);
  });
});

describe('a Lease', () => {
  it('lasts some time', () => {
    expect(texts(lease.strategy.validate!({ ...lease.example, spec: { leaseDurationSeconds: 0 } }))).toEqual([
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ]);
  });
});
