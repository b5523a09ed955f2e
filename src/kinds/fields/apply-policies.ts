import { deepEqual, type FieldError, fieldForbidden, type KubeObject } from '../../apimachinery/index.ts';
import type { AnyKind, FieldPolicy } from '../define-kind.ts';

/** Policies of a kind as a tree, so that a write walks only the fields it has. */
interface Branch {
  readonly policies: FieldPolicy[];
  readonly fields: Map<string, Branch>;
  /** For [*] and {*}. */
  every?: Branch;
}

const newBranch = (): Branch => ({ policies: [], fields: new Map() });

/** `a[*].b{*}` as a, *, b, *. */
export const pathSteps = (path: string): readonly string[] => path.replaceAll('[*]', '.*').replaceAll('{*}', '.*').split('.');

function plant(policies: readonly FieldPolicy[]): Branch {
  const root = newBranch();
  for (const policy of policies) {
    let branch = root;
    for (const step of pathSteps(policy.path)) {
      if (step === '*') {
        branch.every ??= newBranch();
        branch = branch.every;
      } else {
        const next = branch.fields.get(step) ?? newBranch();
        branch.fields.set(step, next);
        branch = next;
      }
    }
    branch.policies.push(policy);
  }
  return root;
}

export interface PolicyFindings {
  readonly errors: readonly FieldError[];
  /** Texts for Warning headers, each naming its field. */
  readonly warnings: readonly string[];
}

const NOTHING: PolicyFindings = { errors: [], warnings: [] };

function walk(value: unknown, branch: Branch, path: string, errors: FieldError[], warnings: string[]): void {
  for (const { action, reason, except } of branch.policies) {
    if (except?.some((fine) => deepEqual(fine, value))) continue;
    if (action === 'refuse') errors.push(fieldForbidden(path, reason));
    else warnings.push(`${path}: ignored: ${reason}`);
  }
  if (typeof value !== 'object' || value === null) return;
  if (branch.every) {
    const list = Array.isArray(value);
    for (const [key, element] of Object.entries(value)) walk(element, branch.every, `${path}[${key}]`, errors, warnings);
    if (list) return;
  }
  for (const [field, next] of branch.fields) {
    const inner = (value as { readonly [field: string]: unknown })[field];
    if (inner !== undefined && inner !== null) walk(inner, next, path === '' ? field : `${path}.${field}`, errors, warnings);
  }
}

const planted = new WeakMap<readonly FieldPolicy[], Branch>();

/** What the kind's field policies say about an object: refusals as field errors, the rest as warnings. Pure; the tree is built once per kind. */
export function applyFieldPolicies(kind: AnyKind, object: KubeObject): PolicyFindings {
  if (kind.fieldPolicies.length === 0) return NOTHING;
  let root = planted.get(kind.fieldPolicies);
  if (!root) {
    root = plant(kind.fieldPolicies);
    planted.set(kind.fieldPolicies, root);
  }
  const errors: FieldError[] = [];
  const warnings: string[] = [];
  walk(object, root, '', errors, warnings);
  return { errors, warnings };
}
