import type { Namespace, NamespaceCondition, NamespaceStatus } from '../../kinds/index.ts';
import { rfc3339 } from '../../std/index.ts';

const FINALIZER = 'kubernetes';

/** What is left in a namespace of one kind. */
export interface Remaining {
  /** `deployments.apps`, `pods`. */
  readonly resource: string;
  readonly count: number;
  /** How many objects each finalizer holds. */
  readonly finalizers: { readonly [finalizer: string]: number };
}

export interface Emptying {
  readonly remaining: readonly Remaining[];
  /** Failures of deleting, as texts. */
  readonly failures: readonly string[];
}

type Told = Omit<NamespaceCondition, 'lastTransitionTime'>;

const told = (type: string, bad: boolean, [reason, message]: readonly [string, string]): Told => ({ type, status: bad ? 'True' : 'False', reason, message });

function finalizersText(remaining: readonly Remaining[]): string {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining)
    for (const [finalizer, count] of Object.entries(finalizers)) counts.set(finalizer, (counts.get(finalizer) ?? 0) + count);
  return [...counts]
    .map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
    .sort()
    .join(', ');
}

function tell({ remaining, failures }: Emptying): readonly Told[] {
  const left = remaining.filter((one) => one.count > 0);
  const resources = left
    .map((one) => `${one.resource} has ${one.count} resource instances`)
    .sort()
    .join(', ');
  const finalizers = finalizersText(left);
  const failed = failures.length > 0;
  return [
    told('NamespaceDeletionDiscoveryFailure', false, ['ResourcesDiscovered', 'All resources successfully discovered']),
    told('NamespaceDeletionGroupVersionParsingFailure', false, ['ParsedGroupVersions', 'All legacy kube types successfully parsed']),
    told(
      'NamespaceDeletionContentFailure',
      failed,
      failed
        ? ['ContentDeletionFailed', `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`]
        : ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ),
    told(
      'NamespaceContentRemaining',
      left.length > 0,
      left.length > 0 ? ['SomeResourcesRemain', `Some resources are remaining: ${resources}`] : ['ContentRemoved', 'All content successfully removed'],
    ),
    told(
      'NamespaceFinalizersRemaining',
      finalizers !== '',
      finalizers !== ''
        ? ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${finalizers}`]
        : ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ),
  ];
}

/** The status of a namespace that is being emptied. Conditions of others stay; times change only with the status of a condition. */
export function terminatingStatus(namespace: Namespace, emptying: Emptying, nowMs: number): NamespaceStatus {
  const old = namespace.status?.conditions ?? [];
  const conditions = tell(emptying).map((condition) => {
    const before = old.find((one) => one.type === condition.type);
    return { ...condition, lastTransitionTime: before?.status === condition.status ? (before.lastTransitionTime ?? rfc3339(nowMs)) : rfc3339(nowMs) };
  });
  const others = old.filter((one) => !conditions.some((condition) => condition.type === one.type));
  return { ...namespace.status, phase: 'Terminating', conditions: [...others, ...conditions] };
}

/** Whether this controller still has to empty the namespace. */
export const isToEmpty = (namespace: Namespace | undefined): boolean =>
  namespace?.metadata.deletionTimestamp !== undefined && namespace.spec?.finalizers?.includes(FINALIZER) === true;

/** Whether nothing is left. */
export const isEmpty = ({ remaining, failures }: Emptying): boolean => failures.length === 0 && remaining.every((one) => one.count === 0);

/** The namespace without this controller's finalizer: the server removes it then, unless others have theirs. */
export const finalized = (namespace: Namespace): Namespace => ({
  ...namespace,
  spec: { ...namespace.spec, finalizers: (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER) },
});
