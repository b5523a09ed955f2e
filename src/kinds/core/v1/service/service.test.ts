import { describe, expect, it } from 'vitest';
import { fieldErrorText } from '../../../../apimachinery/index.ts';
import { applyFieldPolicies } from '../../../fields/apply-policies.ts';
import type { Service, ServiceSpec } from '../../../schema/types.ts';
import { service } from './service.ts';

const of = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec });
const defaulted = (spec: ServiceSpec): Service => service.strategy.defaults!(of(spec));
const errorsOf = (spec: ServiceSpec): readonly string[] => service.strategy.validate!(defaulted(spec)).map(fieldErrorText);
const http = { port: 80 };

describe('a Service', () => {
  it('gets the defaults that Kubernetes gives', () => {
    expect(defaulted({ ports: [http] }).spec).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
    expect(defaulted({ type: 'LoadBalancer', ports: [http] }).spec).toMatchObject({ externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true });
    expect(defaulted({ type: 'ExternalName', externalName: 'example.com' }).spec).toEqual({
      type: 'ExternalName',
      externalName: 'example.com',
      sessionAffinity: 'None',
    });
    expect(defaulted({ sessionAffinity: 'ClientIP', ports: [http] }).spec?.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10_800 } });
  });
  const cases: readonly (readonly [string, ServiceSpec, readonly string[]])[] = [
    ['no ports', {}, ['spec.ports: Required value']],
    ['several ports without names', { ports: [http, { port: 81 }] }, ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
    [
      'a node port that its type does not have',
      { ports: [{ port: 80, nodePort: 30080 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'an unknown type',
      { type: 'Other', ports: [http] },
      ['spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    ],
    ['an external name that is missing', { type: 'ExternalName' }, ['spec.externalName: Required value']],
    [
      'no address on a node port',
      { type: 'NodePort', clusterIP: 'None', ports: [http] },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    ],
    [
      'an affinity that does not exist',
      { sessionAffinity: 'Cookie', ports: [http] },
      ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"'],
    ],
  ];
  it.each(cases)('is refused with %s', (_, spec, expected) => {
    expect(errorsOf(spec)).toEqual(expected);
  });
  it('keeps its address, its node ports and its status when an update leaves them out', () => {
    const old: Service = {
      ...defaulted({ type: 'NodePort', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [{ port: 80, nodePort: 30080 }] }),
      status: { loadBalancer: {} },
    };
    const next = service.strategy.prepareForUpdate!(defaulted({ type: 'NodePort', ports: [{ port: 80 }] }), old, { nowMs: 0 });
    expect(next.spec).toMatchObject({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [{ port: 80, nodePort: 30080 }] });
    expect(service.strategy.validateUpdate!(next, old)).toEqual([]);
  });
  it('gives its node ports back when it stops having any', () => {
    const old = defaulted({ type: 'NodePort', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [{ port: 80, nodePort: 30080 }] });
    const next = service.strategy.prepareForUpdate!({ ...old, spec: { ...old.spec!, type: 'ClusterIP' } }, old, { nowMs: 0 });
    expect(next.spec?.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    expect(service.strategy.validate!(next)).toEqual([]);
  });
  it('is told that its address may not change when clusterIP alone is', () => {
    const old = defaulted({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [http] });
    const next = service.strategy.prepareForUpdate!({ ...old, spec: { ...old.spec!, clusterIP: '10.96.0.8' } }, old, { nowMs: 0 });
    expect(service.strategy.validate!(next)).toEqual([]);
    expect(service.strategy.validateUpdate!(next, old).map(fieldErrorText)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    ]);
  });
  it('may not change its address', () => {
    const old = defaulted({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [http] });
    const next = { ...old, spec: { ...old.spec!, clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'] } };
    expect(service.strategy.validateUpdate!(next, old).map(fieldErrorText)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    ]);
  });
  it('is refused where ignoring a field would let strangers in', () => {
    const { errors } = applyFieldPolicies(service, defaulted({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'], ports: [http] }));
    expect(errors.map((error) => error.field)).toEqual(['spec.loadBalancerSourceRanges']);
  });
});
