import { deepEqual, type FieldError, fieldForbidden, fieldInvalid } from '../../../../apimachinery/index.ts';
import { without } from '../../../defaults/immutable.ts';
import type { Container, Pod, PodSpec, Toleration } from '../../../schema/types.ts';
import { validateMetadataUpdate } from '../../../validation/metadata.ts';

const RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const withImages = (containers: readonly Container[] | undefined, images: readonly Container[] | undefined): readonly Container[] | undefined =>
  containers?.map((container, index) => {
    const image = images?.[index]?.image;
    return { ...without(container, 'image'), ...(image === undefined ? {} : { image }) };
  });

/** The new spec with everything that may change set back to what it was. */
function setBack(spec: PodSpec, old: PodSpec): PodSpec {
  const gated = (old.schedulingGates?.length ?? 0) > 0;
  const kept: { -readonly [field in keyof PodSpec]: PodSpec[field] } = { ...spec };
  kept.containers = withImages(spec.containers, old.containers) ?? [];
  const fields = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', ...(gated ? (['nodeSelector', 'affinity'] as const) : [])] as const;
  const inits = withImages(spec.initContainers, old.initContainers);
  if (inits) kept.initContainers = inits;
  const source: { readonly [field: string]: unknown } = { ...old };
  for (const field of fields) {
    delete kept[field];
    if (source[field] !== undefined) Object.assign(kept, { [field]: source[field] });
  }
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    kept.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds!;
  }
  return kept;
}

const sameToleration = (one: Toleration, other: Toleration): boolean => {
  const plain = (toleration: Toleration) => ({ operator: 'Equal', ...without(toleration, 'tolerationSeconds') });
  return deepEqual(plain(one), plain(other));
};

function validateTolerations(now: readonly Toleration[], before: readonly Toleration[]): readonly FieldError[] {
  const kept = before.every((old) => now.some((one) => sameToleration(one, old)));
  return kept ? [] : [fieldForbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateDeadline(now: number | undefined, before: number | undefined): readonly FieldError[] {
  if (before === undefined || now === before) return [];
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined) return [fieldInvalid(field, null, 'must not update from a positive integer to nil value')];
  return now > before ? [fieldInvalid(field, now, 'must be less than or equal to previous value')] : [];
}

function validateGates(spec: PodSpec, old: PodSpec): readonly FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  const added = (spec.schedulingGates ?? []).filter((gate) => !before.has(gate.name));
  return added.map((gate) => fieldForbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${gate.name}'`));
}

function changedFields(spec: PodSpec, old: PodSpec): readonly string[] {
  const now: { readonly [field: string]: unknown } = { ...spec };
  const before: { readonly [field: string]: unknown } = { ...old };
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((field) => !deepEqual(now[field], before[field])).sort();
}

/** A pod keeps its spec, but for a few fields. */
export function validatePodUpdate(object: Pod, old: Pod): readonly FieldError[] {
  const errors = [...validateMetadataUpdate(object, old)];
  const spec = object.spec;
  const before = old.spec;
  if (!spec || !before || spec === before) return errors;
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)) {
      return [...errors, fieldForbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
  }
  errors.push(
    ...validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds),
    ...validateTolerations(spec.tolerations ?? [], before.tolerations ?? []),
    ...validateGates(spec, before),
  );
  const changed = changedFields(setBack(spec, before), before);
  if (changed.length > 0) errors.push(fieldForbidden('spec', `${RULE}\nchanged: ${changed.map((field) => `spec.${field}`).join(', ')}`));
  return errors;
}
