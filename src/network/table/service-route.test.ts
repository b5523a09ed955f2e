import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../kinds/index.ts';
import { serviceRoute } from './service-route.ts';

const service = (spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  ...(spec ? { spec } : {}),
});

const slice = (name: string, endpoints: EndpointSlice['endpoints'], port = 3000): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ...(endpoints ? { endpoints } : {}),
  ports: [{ name: 'http', port, protocol: 'TCP' }],
});

const cluster = service({ type: 'ClusterIP', clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] });

const anyEndpoint = fc.record({
  addresses: fc.nat({ max: 50 }).map((n) => [`10.244.0.${n + 2}`]),
  conditions: fc.record({ ready: fc.boolean(), terminating: fc.boolean() }, { requiredKeys: [] }),
});
const anySlices = fc.array(
  fc.array(anyEndpoint, { maxLength: 8 }).map((endpoints) => slice('s', endpoints)),
  { maxLength: 4 },
);

describe('serviceRoute', () => {
  it('gives a cluster address the ready endpoints of the port of the same name', () => {
    const slices = [
      slice('a', [
        { addresses: ['10.244.0.3'], conditions: { ready: true } },
        { addresses: ['10.244.0.4'], conditions: { ready: false } },
        { addresses: ['10.244.0.2'] },
      ]),
    ];
    expect(serviceRoute(cluster, slices)).toEqual({
      namespace: 'shop',
      name: 'web',
      type: 'cluster',
      clusterIP: '10.96.0.20',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_080, endpoints: ['10.244.0.2:3000', '10.244.0.3:3000'] }],
      hosts: [{ ip: '10.244.0.2' }, { ip: '10.244.0.3' }],
    });
  });

  it('publishes addresses that are not ready when asked to', () => {
    const slices = [slice('a', [{ addresses: ['10.244.0.4'], conditions: { ready: false }, hostname: 'db-0' }])];
    const headless = service({ clusterIP: 'None', publishNotReadyAddresses: true, ports: [{ name: 'http', port: 80 }] });
    expect(serviceRoute(headless, slices)).toMatchObject({
      type: 'headless',
      hosts: [{ ip: '10.244.0.4', hostname: 'db-0' }],
      ports: [{ endpoints: ['10.244.0.4:3000'] }],
    });
  });

  it('knows an ExternalName by its name alone, and nothing of a Service without an address', () => {
    expect(serviceRoute(service({ type: 'ExternalName', externalName: 'db.example.com.' }), [])).toMatchObject({
      type: 'external',
      externalName: 'db.example.com',
      ports: [],
    });
    expect(serviceRoute(service({ type: 'ClusterIP', ports: [{ port: 80 }] }), [])).toBeUndefined();
  });

  it('keeps clients with their endpoint for as long as the Service says', () => {
    const affine = service({ clusterIP: '10.96.0.20', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] });
    expect(serviceRoute(affine, [])).toMatchObject({ affinitySeconds: 10_800 });
  });

  it('depends on the set of endpoints only, not on how slices divide or order them', () => {
    fc.assert(
      fc.property(anySlices, (slices) => {
        const endpoints = slices.flatMap((one) => one.endpoints ?? []);
        expect(serviceRoute(cluster, [...slices].reverse())).toEqual(serviceRoute(cluster, slices));
        expect(serviceRoute(cluster, [slice('all', endpoints)])).toEqual(serviceRoute(cluster, slices));
      }),
    );
  });

  it('never names an endpoint that no slice calls ready', () => {
    fc.assert(
      fc.property(anySlices, (slices) => {
        const ready = new Set(
          slices.flatMap((one) =>
            (one.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).map((endpoint) => `${endpoint.addresses[0]}:3000`),
          ),
        );
        expect(new Set(serviceRoute(cluster, slices)?.ports[0]?.endpoints)).toEqual(ready);
      }),
    );
  });
});
