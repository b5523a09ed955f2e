import { podTemplatePolicies } from '../../../core/v1/pod/policies.ts';
import type { FieldPolicy } from '../../../define-kind.ts';

export const deploymentPolicies: readonly FieldPolicy[] = podTemplatePolicies('spec.template');
