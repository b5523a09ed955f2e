import { type FieldError, fieldRequired } from '../../../../apimachinery/index.ts';
import type { PodSpec } from '../../../schema/types.ts';

/** Where a pod's spec stands: some rules hold in pods only. */
export interface SpecContext {
  readonly isPod: boolean;
  readonly annotations: { readonly [key: string]: string } | undefined;
}

/** What a pod's spec must be, in a pod and in a template alike. */
export function validatePodSpec(spec: PodSpec, field: string, _context: SpecContext): readonly FieldError[] {
  return (spec.containers ?? []).length === 0 ? [fieldRequired(`${field}.containers`)] : [];
}
