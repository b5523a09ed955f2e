import {
  checkLabelValue,
  checkQualifiedName,
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type LabelSelector,
  type LabelSelectorRequirement,
} from '../../apimachinery/index.ts';
import { checked } from './errors.ts';
import { validateLabels } from './metadata.ts';

interface SelectorRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** Whether the values fit the operator and the key is one: what requirements of labels and of nodes have in common. */
export function validateRequirement({ key, operator, values = [] }: SelectorRequirement, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  switch (operator ?? '') {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(fieldRequired(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(fieldInvalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  return [...errors, ...checked(`${field}.key`, key ?? '', checkQualifiedName)];
}

const validateLabelRequirement = (requirement: LabelSelectorRequirement, field: string): readonly FieldError[] => [
  ...validateRequirement(requirement, field),
  ...(requirement.values ?? []).flatMap((value, index) => checked(`${field}.values[${index}]`, value, checkLabelValue)),
];

export const validateLabelSelector = (selector: LabelSelector | undefined, field: string): readonly FieldError[] => [
  ...validateLabels(selector?.matchLabels, `${field}.matchLabels`),
  ...(selector?.matchExpressions ?? []).flatMap((one, index) => validateLabelRequirement(one, `${field}.matchExpressions[${index}]`)),
];

/** Whether a selector asks for nothing, and so would select everything. */
export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;
