import { describe, expect, it } from 'vitest';
import type { Pod, Service } from '../../kinds/index.ts';
import { wantedGroups } from '../endpoint-slice/wanted.ts';
import { CAPACITY, wantedEndpoints } from './reconcile.ts';

interface Given {
  readonly ready?: boolean;
  readonly going?: boolean;
  readonly phase?: string;
  readonly port?: number;
  readonly hostname?: string;
}

const podOf = (index: number, { ready = true, going = false, phase = 'Running', port = 8080, hostname }: Given = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${index}`, namespace: 'n', uid: `u${index}`, ...(going ? { deletionTimestamp: 'now' } : {}) },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: port }] }],
    ...(hostname ? { hostname, subdomain: 's' } : {}),
  },
  status: { phase, podIP: `10.0.${index >> 8}.${index & 255}`, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

const service = (spec: Partial<NonNullable<Service['spec']>> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'n', labels: { team: 'x' } },
  spec: { selector: { app: 'a' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
});

const conditions = (given: Service, pod: Pod) => wantedGroups(given, [pod])[0]?.endpoints[0]?.conditions;
const subset = (given: Service, pods: readonly Pod[]) =>
  (wantedEndpoints(given, pods, undefined).subsets ?? []).map((one) => ({
    ready: (one.addresses ?? []).map((address) => address.ip),
    not: (one.notReadyAddresses ?? []).map((address) => address.ip),
    ports: (one.ports ?? []).map((port) => port.port),
  }));

describe('The endpoint of a pod', () => {
  it('that serves is ready', () => expect(conditions(service(), podOf(1))).toEqual({ ready: true, serving: true, terminating: false }));
  it('that is not ready does not serve', () =>
    expect(conditions(service(), podOf(1, { ready: false }))).toEqual({ ready: false, serving: false, terminating: false }));
  it('that is going but still serves is listed as such', () =>
    expect(conditions(service(), podOf(1, { going: true }))).toEqual({ ready: false, serving: true, terminating: true }));
  it('is ready anyway when the service publishes those that are not', () =>
    expect(conditions(service({ publishNotReadyAddresses: true }), podOf(1, { ready: false }))).toEqual({ ready: true, serving: false, terminating: false }));
  it('that has ended is not there', () => expect(conditions(service(), podOf(1, { phase: 'Failed' }))).toBeUndefined());
  it('without the named port is not there', () => expect(conditions(service({ ports: [{ port: 80, targetPort: 'grpc' }] }), podOf(1))).toBeUndefined());
  it('under a headless service without ports is there', () =>
    expect(wantedGroups(service({ clusterIP: 'None', ports: [] }), [podOf(1)])[0]?.endpoints).toHaveLength(1));
  it('carries its hostname under its own subdomain', () =>
    expect(wantedGroups(service(), [podOf(1, { hostname: 'db-0' })])[0]?.endpoints[0]?.hostname).toBe('db-0'));
  it('with another number for the named port is in a group of its own', () =>
    expect(wantedGroups(service(), [podOf(1), podOf(2, { port: 9090 }), podOf(3)]).map((group) => group.endpoints.length)).toEqual([2, 1]));
});

describe('Endpoints', () => {
  it('list ready and other addresses apart, and leave going pods out', () =>
    expect(subset(service(), [podOf(1), podOf(2, { ready: false }), podOf(3, { going: true })])).toEqual([
      { ready: ['10.0.0.1'], not: ['10.0.0.2'], ports: [8080] },
    ]));
  it('have a subset for each set of ports', () =>
    expect(subset(service(), [podOf(1), podOf(2, { port: 9090 })])).toEqual([
      { ready: ['10.0.0.1'], not: [], ports: [8080] },
      { ready: ['10.0.0.2'], not: [], ports: [9090] },
    ]));
  it('beyond their capacity keep the ready addresses and say so', () => {
    const pods = Array.from({ length: CAPACITY + 5 }, (_, index) => podOf(index, { ready: index >= 5 }));
    const wanted = wantedEndpoints(service(), pods, undefined);
    expect(wanted.metadata.annotations).toEqual({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
    expect([wanted.subsets![0]!.addresses!.length, wanted.subsets![0]!.notReadyAddresses]).toEqual([CAPACITY, undefined]);
    expect(wantedEndpoints(service(), pods.slice(0, 2), wanted).metadata.annotations).toBeUndefined();
  });
  it('carry the labels of the service', () =>
    expect(wantedEndpoints(service({ clusterIP: 'None' }), [], undefined).metadata.labels).toEqual({
      team: 'x',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
      'service.kubernetes.io/headless': '',
    }));
});
