import type { KubeObject } from '../../apimachinery/index.ts';
import type { Service } from '../../kinds/index.ts';
import { CasError } from '../../storage/index.ts';
import { admit } from '../admission/plugin.ts';
import type { Registry } from '../registry/registry.ts';
import { type AddressRange, inRange } from './address-range.ts';

/**
 * Gives Services whose address is of another range (the home's network changed its mode since they were made) a new one, since nothing could reach the old.
 * `fixed` are Services that have an address of their own right: key in the store to address.
 */
export async function repairAddresses(registry: Registry, range: AddressRange, fixed: ReadonlyMap<string, string>): Promise<void> {
  const services = registry.find('', 'v1', 'services');
  if (!services) return;
  for (const stored of services.list('').items) {
    const { spec } = stored.object as Service;
    if (!spec?.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName' || inRange(range, spec.clusterIP)) continue;
    const { clusterIP: _address, clusterIPs: _addresses, ...rest } = spec;
    const wanted = fixed.get(stored.key);
    const old = { ...stored.object, spec: rest } as KubeObject;
    const object = wanted ? ({ ...old, spec: { ...rest, clusterIP: wanted } } as KubeObject) : old;
    const { namespace = '' } = stored.object.metadata;
    const admission = admit(registry.admission, { operation: 'update', kind: services.kind, namespace, subresource: '', object, old, dryRun: false });
    try {
      await services.update(admission.object, stored.revision);
      admission.done();
    } catch (error) {
      admission.undo();
      // Changed or deleted meanwhile: the next start looks again.
      if (!(error instanceof CasError)) throw error;
    }
  }
}
