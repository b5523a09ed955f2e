import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkQualifiedName,
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validateLabelSelector, validateRequirement } from '../../../validation/label-selector.ts';

function validateExpression(requirement: NodeSelectorRequirement, field: string): readonly FieldError[] {
  const { key, operator, values = [] } = requirement;
  if (operator !== 'Gt' && operator !== 'Lt') return validateRequirement(requirement, field);
  return [
    ...(values.length === 1 ? [] : [fieldRequired(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]),
    ...checked(`${field}.key`, key ?? '', checkQualifiedName),
  ];
}

function validateFieldExpression({ key, operator, values = [] }: NodeSelectorRequirement, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') errors.push(fieldInvalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1) {
    errors.push(fieldRequired(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== 'metadata.name') return [...errors, fieldInvalid(`${field}.key`, key ?? '', 'not a valid field selector key')];
  return [...errors, ...values.flatMap((value, index) => checked(`${field}.values[${index}]`, value, checkDns1123Subdomain))];
}

const validateNodeTerm = (term: NodeSelectorTerm, field: string): readonly FieldError[] => [
  ...(term.matchExpressions ?? []).flatMap((one, index) => validateExpression(one, `${field}.matchExpressions[${index}]`)),
  ...(term.matchFields ?? []).flatMap((one, index) => validateFieldExpression(one, `${field}.matchFields[${index}]`)),
];

const validateWeight = (weight: number, field: string): readonly FieldError[] =>
  weight >= 1 && weight <= 100 ? [] : [fieldInvalid(`${field}.weight`, weight ?? 0, 'must be in the range 1-100')];

function validatePodTerm(term: PodAffinityTerm, field: string): readonly FieldError[] {
  const keys = (['matchLabelKeys', 'mismatchLabelKeys'] as const).flatMap((name) => [
    ...((term[name]?.length ?? 0) > 0 && !term.labelSelector
      ? [fieldForbidden(`${field}.${name}`, 'must not be specified when labelSelector is not set')]
      : []),
    ...(term[name] ?? []).flatMap((key, index) => checked(`${field}.${name}[${index}]`, key, checkQualifiedName)),
  ]);
  return [
    ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => checked(`${field}.namespace`, name, checkDns1123Label)),
    ...keys,
    ...(term.topologyKey ? checked(`${field}.topologyKey`, term.topologyKey, checkQualifiedName) : [fieldRequired(`${field}.topologyKey`, 'can not be empty')]),
  ];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

const validatePodAffinity = (affinity: PodAffinity, field: string): readonly FieldError[] => [
  ...(affinity[REQUIRED] ?? []).flatMap((term, index) => validatePodTerm(term, `${field}.${REQUIRED}[${index}]`)),
  ...(affinity[PREFERRED] ?? []).flatMap((one, index) => [
    ...validateWeight(one.weight, `${field}.${PREFERRED}[${index}]`),
    ...validatePodTerm(one.podAffinityTerm ?? { topologyKey: '' }, `${field}.${PREFERRED}[${index}].podAffinityTerm`),
  ]),
];

export function validateAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const required = nodeAffinity?.[REQUIRED];
  if (required) {
    const at = `${field}.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
    const terms = required.nodeSelectorTerms ?? [];
    if (terms.length === 0) errors.push(fieldRequired(at, 'must have at least one node selector term'));
    errors.push(...terms.flatMap((term, index) => validateNodeTerm(term, `${at}[${index}]`)));
  }
  for (const [index, one] of (nodeAffinity?.[PREFERRED] ?? []).entries()) {
    const at = `${field}.nodeAffinity.${PREFERRED}[${index}]`;
    errors.push(...validateWeight(one.weight, at), ...validateNodeTerm(one.preference ?? {}, `${at}.preference`));
  }
  if (podAffinity) errors.push(...validatePodAffinity(podAffinity, `${field}.podAffinity`));
  if (podAntiAffinity) errors.push(...validatePodAffinity(podAntiAffinity, `${field}.podAntiAffinity`));
  return errors;
}
