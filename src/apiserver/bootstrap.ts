import { deepEqual, isAlreadyExists, type KubeObject } from '../apimachinery/index.ts';
import { createObject } from './registry/create-object.ts';
import { trackerFor } from './registry/field-ownership.ts';
import type { Registry } from './registry/registry.ts';
import type { Resource } from './registry/resource.ts';
import { updateObject } from './registry/update-object.ts';
import { repairAddresses } from './services/repair-addresses.ts';
import { firstAddress, type ServiceRanges } from './services/service-addresses.ts';

export interface BootstrapOptions {
  /** Where pods reach this server's HTTPS listener. */
  readonly advertise: { readonly address: string; readonly port: number };
  readonly ranges: ServiceRanges;
}

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const MANAGER = 'kube-apiserver';
const LABELS = { component: 'apiserver', provider: 'kubernetes' };

/** Makes the objects that everything else relies on, and brings the server's own address up to date. Safe to run at every start. */
export async function bootstrap(registry: Registry, { advertise, ranges }: BootstrapOptions): Promise<void> {
  const { address, port } = advertise;
  const serviceAddress = firstAddress(ranges);
  await repairAddresses(registry, ranges.addresses, new Map([['/core/services/default/kubernetes', serviceAddress]]));
  for (const name of NAMESPACES) await ensure(registry, 'Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const spec = { type: 'ClusterIP', clusterIP: serviceAddress, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] };
  await ensure(registry, 'Service', { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, labels: LABELS }, spec } as KubeObject, (live) => ({
    ...live,
    spec: { ...(live as { readonly spec?: object }).spec, ports: spec.ports },
  }));
  const subsets = [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }];
  const mirrored = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { ...metadata, labels: mirrored }, subsets } as KubeObject;
  await ensure(registry, 'Endpoints', endpoints, (live) => ({ ...live, subsets }) as KubeObject);
  const parts = { endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: 'https', port, protocol: 'TCP' }] };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    ...parts,
  } as KubeObject;
  await ensure(registry, 'EndpointSlice', slice, (live) => ({ ...live, ...parts }) as KubeObject);
}

/** Creates the object, or changes the one that is there when it is not as it should be. */
async function ensure(registry: Registry, kind: string, object: KubeObject, change?: (live: KubeObject) => KubeObject): Promise<void> {
  const resource = resourceOf(registry, kind);
  if (!resource) return;
  const { namespace = '', name = '' } = object.metadata;
  const track = trackerFor(registry, resource, MANAGER, '');
  const common = { dryRun: false, manager: MANAGER, namespace, warn: () => undefined };
  try {
    if (!resource.get(namespace, name)) {
      await createObject(registry, resource, object, { ...common, track: (next) => track(next, undefined) });
      return;
    }
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const live = resource.get(namespace, name)?.object;
  if (!change || !live || deepEqual(change(live), live)) return;
  await updateObject(registry, resource, { ...common, name, subresource: '', change: (now) => withoutRevision(change(now)), track });
}

function resourceOf(registry: Registry, kind: string): Resource | undefined {
  const found = registry.kinds.find((one) => one.kind === kind && !one.storedAs);
  return found && registry.find(found.group, found.version, found.plural);
}

function withoutRevision(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
