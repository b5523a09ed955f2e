import { describe, expect, it } from 'vitest';
import type { Container, Pod, Service } from '../../kinds/index.ts';
import { containerEnv, type ObjectSources } from './container-env.ts';
import { expand } from './expand.ts';
import { fieldRefValue } from './field-ref.ts';
import { serviceLinks } from './service-links.ts';

const values: { readonly [name: string]: string } = { A: '1', B: 'two' };

describe('expand', () => {
  it.each([
    ['$(A)-$(B)', '1-two'],
    ['$(NONE)', '$(NONE)'],
    ['$$(A)', '$(A)'],
    ['$A $', '$A $'],
    ['$(A', '$(A'],
    ['$$$(A)', '$1'],
  ])('turns %s into %s', (text, expected) => expect(expand(text, (name) => values[name])).toBe(expected));
});

const service = (name: string, clusterIP: string, ports: NonNullable<Service['spec']>['ports']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { clusterIP, ...(ports ? { ports } : {}) },
});

describe('service links', () => {
  it("are Docker's and Kubernetes' variables; headless services have none", () => {
    const links = serviceLinks([service('my-db', '10.96.0.5', [{ port: 5432, name: 'pg' }]), service('head', 'None', [{ port: 1 }])], undefined, true);
    expect(links).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.5',
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_PG: '5432',
      MY_DB_PORT: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      MY_DB_PORT_5432_TCP_PORT: '5432',
      MY_DB_PORT_5432_TCP_ADDR: '10.96.0.5',
    });
  });

  it('always name the API server', () => {
    const links = serviceLinks([service('other', '10.96.0.7', [{ port: 80 }])], service('kubernetes', '10.96.0.1', [{ port: 443 }]), false);
    expect(links['KUBERNETES_SERVICE_HOST']).toBe('10.96.0.1');
    expect(links['OTHER_SERVICE_HOST']).toBeUndefined();
  });
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { b: '2', a: 'x"y' }, annotations: {} },
  spec: { nodeName: 'here', containers: [] },
};

function env(container: Omit<Container, 'name'>, sources: Partial<ObjectSources> = {}): { readonly [name: string]: string } {
  return containerEnv({
    pod: { ...pod, spec: { nodeName: 'here', containers: [{ name: 'app', ...container }] } },
    container: { name: 'app', ...container },
    sources: { configMap: () => undefined, secret: () => undefined, services: () => [], kubernetesService: () => undefined, ...sources },
    fields: { podIP: '10.244.0.2', hostIP: '192.0.2.1' },
    machine: { cpuMilli: 4_000, memoryBytes: 2 ** 33, ephemeralStorageBytes: 0 },
    hostname: 'p',
    base: { PATH: '/bin' },
  });
}

describe('a container environment', () => {
  it('lets later variables use earlier ones and win over envFrom', () => {
    const configMap = () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { X: 'from', Y: 'y' } });
    const result = env(
      {
        envFrom: [{ configMapRef: { name: 'c' }, prefix: 'P_' }, { configMapRef: { name: 'c' } }],
        env: [
          { name: 'X', value: 'own' },
          { name: 'Z', value: '$(X)/$(Y)' },
        ],
      },
      { configMap },
    );
    expect(result).toEqual({ PATH: '/bin', HOSTNAME: 'p', P_X: 'from', P_Y: 'y', X: 'own', Y: 'y', Z: 'own/y' });
  });

  it('says which key is missing, unless it is optional', () => {
    const configMap = () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: {} });
    const ref = (optional: boolean) => ({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional } } }] });
    expect(() => env(ref(false), { configMap })).toThrow("couldn't find key k in ConfigMap n/c");
    expect(() => env({ envFrom: [{ secretRef: { name: 's' } }] })).toThrow('secret "s" not found');
    expect(env(ref(true))).not.toHaveProperty('A');
  });

  it('counts resources in units of the divisor, rounded up; what is not limited is the machine', () => {
    const resources = { limits: { cpu: '1500m' }, requests: { memory: '100Mi' } };
    const ref = (resource: string, divisor?: string) => ({ name: resource, valueFrom: { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } } });
    const result = env({ resources, env: [ref('limits.cpu'), ref('requests.memory', '1Mi'), ref('limits.memory', '1Gi')] });
    expect([result['limits.cpu'], result['requests.memory'], result['limits.memory']]).toEqual(['2', '100', '8']);
  });
});

describe('field references', () => {
  it.each([
    ['metadata.name', 'p'],
    ["metadata.labels['b']", '2'],
    ['metadata.labels', 'a="x\\"y"\nb="2"'],
    ['status.podIP', '10.244.0.2'],
    ['spec.nodeName', 'here'],
    ['spec.containers', undefined],
  ])('%s', (path, expected) => expect(fieldRefValue(pod, path, { podIP: '10.244.0.2', hostIP: '' })).toBe(expected));
});
