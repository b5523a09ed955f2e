import { formatLabelSelector, humanAge, type KubeObject, type LabelSelector } from '../../apimachinery/index.ts';
import type { Column } from '../define-kind.ts';
import type { Container } from '../schema/types.ts';

/** The first column of every table. */
export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  format: 'name',
  description: 'Name must be unique within a namespace. It is what the object is addressed by.',
  cell: (object) => object.metadata?.name ?? '',
};

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  description: 'Time since the object was created.',
  cell: (object, nowMs) => humanAge(object.metadata?.creationTimestamp, nowMs),
};

/** `text`, or what tables show for nothing. */
export const orNone = (text: string | undefined): string => text || '<none>';

/** A label map as a selector: a=b,c=d; <none> when empty. */
export const labelsText = (labels: { readonly [key: string]: string } | undefined): string =>
  orNone(
    Object.entries(labels ?? {})
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
      .join(','),
  );

/** A label selector as tables print it: a=b,c in (d,e); <none> when there is none. */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  try {
    return orNone(selector && formatLabelSelector(selector));
  } catch {
    // Only an object from before validation can hold such an operator; a table shows it rather than failing for every row.
    return '<invalid>';
  }
}

/** The wide columns of every kind with a pod template. */
export const templateColumns = <T>(containersOf: (object: T) => readonly Container[] | undefined, selectorOf: (object: T) => string): readonly Column<T>[] => [
  { name: 'Containers', priority: 1, description: 'Names of each container in the template.', cell: (object) => names(containersOf(object), 'name') },
  { name: 'Images', priority: 1, description: 'Images referenced by each container in the template.', cell: (object) => names(containersOf(object), 'image') },
  { name: 'Selector', priority: 1, description: 'Label selector for the pods that this object manages.', cell: selectorOf },
];

const names = (containers: readonly Container[] | undefined, field: 'name' | 'image'): string =>
  (containers ?? []).map((container) => container[field] ?? '').join(',');
