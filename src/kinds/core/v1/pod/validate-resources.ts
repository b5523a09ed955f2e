import { checkQualifiedName, compareQuantities, type FieldError, fieldInvalid, parseQuantity } from '../../../../apimachinery/index.ts';
import type { ResourceRequirements } from '../../../schema/types.ts';

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage']);

function validateName(name: string, field: string): readonly FieldError[] {
  const errors = checkQualifiedName(name).map((text) => fieldInvalid(field, name, text));
  if (errors.length === 0 && !name.includes('/') && !STANDARD.has(name) && !name.startsWith('hugepages-')) {
    errors.push(
      fieldInvalid(field, name, 'must be a standard resource type or fully qualified'),
      fieldInvalid(field, name, 'must be a standard resource for containers'),
    );
  }
  return errors;
}

function validateAmount(name: string, quantity: string, field: string): readonly FieldError[] {
  const { nanos } = parseQuantity(quantity);
  const errors: FieldError[] = [];
  if (nanos < 0n) errors.push(fieldInvalid(field, quantity, 'must be greater than or equal to 0'));
  if (name.includes('/') && nanos % 1_000_000_000n !== 0n) errors.push(fieldInvalid(field, quantity, 'must be an integer'));
  return errors;
}

/** A container's requests and limits: known resources, nothing negative, no request above its limit. */
export function validateResources(resources: ResourceRequirements | undefined, field: string): readonly FieldError[] {
  if (!resources) return [];
  const errors: FieldError[] = [];
  for (const part of ['limits', 'requests'] as const) {
    for (const [name, quantity] of Object.entries(resources[part] ?? {})) {
      const at = `${field}.${part}[${name}]`;
      errors.push(...validateName(name, `${field}.${part}`), ...validateAmount(name, quantity, at));
    }
  }
  for (const [name, request] of Object.entries(resources.requests ?? {})) {
    const limit = resources.limits?.[name];
    if (limit === undefined) continue;
    const order = compareQuantities(parseQuantity(request), parseQuantity(limit));
    if (name.includes('/') && order !== 0) errors.push(fieldInvalid(`${field}.requests`, request, `must be equal to ${name} limit of ${limit}`));
    else if (order > 0) errors.push(fieldInvalid(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
  }
  return errors;
}
