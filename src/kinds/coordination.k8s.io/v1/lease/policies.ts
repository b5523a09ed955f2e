import type { FieldPolicy } from '../../../define-kind.ts';

export const leasePolicies: readonly FieldPolicy[] = [
  { path: 'spec.strategy', action: 'warn', reason: 'leases are kept and served, but no coordinated election is run for them' },
  { path: 'spec.preferredHolder', action: 'warn', reason: 'leases are kept and served, but no coordinated election is run for them' },
];
