import type { FieldPolicy } from '../../../define-kind.ts';

export const endpointsPolicies: readonly FieldPolicy[] = [
  { path: 'subsets[*].ports[*].appProtocol', action: 'warn', reason: 'the service proxy forwards bytes and does not look at the application protocol' },
];
