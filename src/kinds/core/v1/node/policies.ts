import type { FieldPolicy } from '../../../define-kind.ts';

export const nodePolicies: readonly FieldPolicy[] = [
  { path: 'spec.configSource', action: 'refuse', reason: 'configuration of node agents through ConfigMaps was removed from Kubernetes' },
  { path: 'spec.externalID', action: 'warn', reason: 'deprecated in Kubernetes and read by nobody' },
  { path: 'spec.podCIDR', action: 'warn', reason: 'pod addresses come from the range that the home chose when it was first started' },
  { path: 'spec.podCIDRs', action: 'warn', reason: 'pod addresses come from the range that the home chose when it was first started' },
  { path: 'spec.providerID', action: 'warn', reason: 'no cloud controller runs here, so nothing reads it' },
];
