import { type FieldError, fieldErrorText, invalid, type KubeObject } from '../../apimachinery/index.ts';
import { type AnyKind, applyFieldPolicies } from '../../kinds/index.ts';

/** Refuses a new object that is not valid with all errors at once, and sends its warnings. */
export function checkNew(kind: AnyKind, object: KubeObject, warn: (text: string) => void): void {
  const policies = applyFieldPolicies(kind, object);
  const errors: readonly FieldError[] = [...(kind.strategy.validate?.(object) ?? []), ...policies.errors];
  refuse(kind, object, errors);
  for (const text of [...policies.warnings, ...(kind.strategy.warnings?.(object, undefined) ?? [])]) warn(text);
}

/** As `checkNew` for a change: fields that were refused by policy only now do not make what is stored unchangeable. */
export function checkChange(kind: AnyKind, object: KubeObject, old: KubeObject, warn: (text: string) => void): void {
  const policies = applyFieldPolicies(kind, object);
  const before = new Set(policies.errors.length > 0 ? applyFieldPolicies(kind, old).errors.map(fieldErrorText) : []);
  const { strategy } = kind;
  refuse(kind, object, [
    ...(strategy.validate?.(object) ?? []),
    ...(strategy.validateUpdate?.(object, old) ?? []),
    ...policies.errors.filter((error) => !before.has(fieldErrorText(error))),
  ]);
  for (const text of [...policies.warnings, ...(strategy.warnings?.(object, old) ?? [])]) warn(text);
}

/** As `checkChange` for the status subresource. */
export function checkStatus(kind: AnyKind, object: KubeObject, old: KubeObject): void {
  refuse(kind, object, kind.strategy.validateStatusUpdate?.(object, old) ?? []);
}

function refuse(kind: AnyKind, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind.group, kind.kind, object.metadata.name ?? '', errors);
}
