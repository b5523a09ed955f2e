import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  type LabelSelector,
  labelSelectorMatcher,
} from '../../apimachinery/index.ts';
import { validatePodTemplate } from '../core/v1/pod/validate-template.ts';
import type { PodTemplateSpec } from '../schema/types.ts';
import { isEmptySelector, validateLabelSelector } from './label-selector.ts';

/** Selector and template of a kind that keeps pods running: the selector must find what the template makes. */
export function validateSelectorAndTemplate(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!selector) errors.push(fieldRequired('spec.selector'));
  else {
    errors.push(...validateLabelSelector(selector, 'spec.selector'));
    if (isEmptySelector(selector)) errors.push(fieldInvalid('spec.selector', selector, 'empty selector is invalid for deployment'));
  }
  const field = 'spec.template';
  if (!template) return [...errors, fieldRequired(field)];
  if (selector && errors.length === 0 && !labelSelectorMatcher(selector).matches(template.metadata?.labels)) {
    errors.push(fieldInvalid(`${field}.metadata.labels`, template.metadata?.labels ?? null, '`selector` does not match template `labels`'));
  }
  errors.push(...validatePodTemplate(template, field));
  const restartPolicy = template.spec?.restartPolicy;
  if (restartPolicy !== 'Always') errors.push(fieldNotSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(fieldForbidden(`${field}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'));
  }
  return errors;
}
