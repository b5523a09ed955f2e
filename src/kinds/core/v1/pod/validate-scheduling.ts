import {
  checkLabelValue,
  checkQualifiedName,
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '../../../../apimachinery/index.ts';
import type { Toleration, TopologySpreadConstraint } from '../../../schema/types.ts';
import { checked } from '../../../validation/errors.ts';
import { validateLabelSelector } from '../../../validation/label-selector.ts';

const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

function validateToleration(toleration: Toleration, field: string): readonly FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = key === '' ? [] : [...checked(`${field}.key`, key, checkQualifiedName)];
  if (key === '' && operator !== 'Exists') {
    errors.push(fieldInvalid(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(fieldInvalid(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  switch (operator) {
    case '':
    case 'Equal':
      errors.push(...checkLabelValue(value).map((text) => fieldInvalid(`${field}.operator`, value, text)));
      break;
    case 'Exists':
      if (value !== '') errors.push(fieldInvalid(`${field}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
      break;
    default:
      errors.push(fieldNotSupported(`${field}.operator`, operator, ['Equal', 'Exists']));
  }
  if (effect !== '' && !EFFECTS.includes(effect)) errors.push(fieldNotSupported(`${field}.effect`, effect, EFFECTS));
  return errors;
}

export const validateTolerations = (tolerations: readonly Toleration[], field: string): readonly FieldError[] =>
  tolerations.flatMap((toleration, index) => validateToleration(toleration, `${field}[${index}]`));

const WHEN = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSION = ['Honor', 'Ignore'];

function validateSpread(constraint: TopologySpreadConstraint, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
  if (!(maxSkew > 0)) errors.push(fieldInvalid(`${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
  if (!topologyKey) errors.push(fieldRequired(`${field}.topologyKey`, 'can not be empty'));
  if (!WHEN.includes(whenUnsatisfiable)) errors.push(fieldNotSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable ?? '', WHEN));
  if (minDomains !== undefined) {
    if (minDomains <= 0) errors.push(fieldInvalid(`${field}.minDomains`, minDomains, 'must be greater than zero'));
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(fieldInvalid(`${field}.minDomains`, minDomains, text));
    }
  }
  for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const value = constraint[policy];
    if (value !== undefined && !INCLUSION.includes(value)) errors.push(fieldNotSupported(`${field}.${policy}`, value, INCLUSION));
  }
  errors.push(...validateLabelSelector(constraint.labelSelector, `${field}.labelSelector`));
  if ((constraint.matchLabelKeys?.length ?? 0) > 0 && !constraint.labelSelector) {
    errors.push(fieldForbidden(`${field}.matchLabelKeys`, 'must not be specified when labelSelector is not set'));
  }
  for (const [index, key] of (constraint.matchLabelKeys ?? []).entries()) errors.push(...checked(`${field}.matchLabelKeys[${index}]`, key, checkQualifiedName));
  return errors;
}

const pairOf = (constraint: TopologySpreadConstraint): string => `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;

/** Constraints, no two of the same topology and strictness. */
export const validateTopologySpread = (constraints: readonly TopologySpreadConstraint[], field: string): readonly FieldError[] =>
  constraints.flatMap((constraint, index) => {
    const at = `${field}[${index}]`;
    const pair = pairOf(constraint);
    const repeated = constraints.slice(index + 1).some((other) => pairOf(other) === pair);
    return [...validateSpread(constraint, at), ...(repeated ? [fieldDuplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair)] : [])];
  });
