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

function validateRequirement(requirement: LabelSelectorRequirement, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(fieldRequired(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(fieldInvalid(`${field}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...checked(`${field}.key`, requirement.key ?? '', checkQualifiedName));
  for (const [index, value] of values.entries()) errors.push(...checked(`${field}.values[${index}]`, value, checkLabelValue));
  return errors;
}

export const validateLabelSelector = (selector: LabelSelector | undefined, field: string): readonly FieldError[] => [
  ...validateLabels(selector?.matchLabels, `${field}.matchLabels`),
  ...(selector?.matchExpressions ?? []).flatMap((one, index) => validateRequirement(one, `${field}.matchExpressions[${index}]`)),
];

/** Whether a selector asks for nothing, and so would select everything. */
export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;
