import type { FieldPolicy } from '../../../define-kind.ts';

/** Every field of Endpoints is acted upon. */
export const endpointsPolicies: readonly FieldPolicy[] = [];
