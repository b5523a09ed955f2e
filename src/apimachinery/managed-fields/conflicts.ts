import { StatusError } from '../status-error.ts';
import { fieldPathText } from './field-path.ts';
import { type FieldSet, membersOf } from './field-set.ts';
import type { FieldManager } from './managers.ts';

/** A field that another manager owns and that would get another value. */
export interface FieldConflict {
  readonly manager: FieldManager;
  /** For instance .spec.replicas. */
  readonly path: string;
}

export const conflictsWith = (manager: FieldManager, fields: FieldSet): readonly FieldConflict[] =>
  membersOf(fields).map((path) => ({ manager, path: fieldPathText(path) }));

function managerText({ manager, subresource, operation, apiVersion }: FieldManager): string {
  const name = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

function message(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first) return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${first.path}`;
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts) {
    const name = managerText(manager);
    byManager.set(name, [...(byManager.get(name) ?? []), path]);
  }
  const lines = [...byManager]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, paths]) => [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** The 409 that names every field and its manager. */
export const applyConflict = (conflicts: readonly FieldConflict[]): StatusError =>
  new StatusError({
    code: 409,
    reason: 'Conflict',
    message: message(conflicts),
    causes: conflicts.map(({ manager, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerText(manager)}`, field: path })),
  });
