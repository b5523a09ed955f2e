import type { ObjectStore } from '../../storage/index.ts';
import { type ServiceRanges, serviceAddresses } from '../services/service-addresses.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Every plugin, in the order in which they see a write. */
export const admissionPlugins = (store: ObjectStore, ranges: ServiceRanges, below: (bound: number) => number): readonly AdmissionPlugin[] => [
  namespaceLifecycle(store),
  serviceAddresses(store, ranges, below),
];
