import type { FieldPolicy } from '../../../define-kind.ts';

const ONE_MACHINE = 'every endpoint is reached the same way from this machine: topology does not steer traffic';

export const endpointSlicePolicies: readonly FieldPolicy[] = [
  { path: 'endpoints[*].hints', action: 'warn', reason: ONE_MACHINE },
  { path: 'endpoints[*].zone', action: 'warn', reason: ONE_MACHINE },
  { path: 'endpoints[*].deprecatedTopology', action: 'warn', reason: ONE_MACHINE },
];
