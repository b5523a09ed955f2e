import type { FieldPolicy } from '../../../define-kind.ts';

/** Every field of a Namespace is acted upon. */
export const namespacePolicies: readonly FieldPolicy[] = [];
