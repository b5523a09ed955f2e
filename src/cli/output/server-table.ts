import { humanAge, type KubeObject } from '../../apimachinery/index.ts';

/** A Table as the server makes it. */
export interface ServerTable {
  readonly kind: 'Table';
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly type?: string; readonly format?: string; readonly priority?: number }[];
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: KubeObject }[];
}

export const TABLE_ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

export const isTable = (body: unknown): body is ServerTable => typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Table';

/** The Table of an answer; for a server that makes none of this kind, one of names and ages. */
export function asTable(body: unknown, nowMs: number): ServerTable {
  if (isTable(body)) return body;
  const answer = body as KubeObject & { readonly items?: readonly KubeObject[] };
  return {
    kind: 'Table',
    columnDefinitions: [{ name: 'Name', format: 'name' }, { name: 'Age' }],
    rows: (answer.items ?? [answer]).map((object) => ({ cells: [object.metadata.name, humanAge(object.metadata.creationTimestamp, nowMs)], object })),
  };
}

export interface TableOptions {
  readonly wide: boolean;
  readonly showNamespace: boolean;
  readonly showLabels?: boolean;
  /** Put before each name: `pod/`. */
  readonly prefix?: string;
}

/** The titles that are shown. */
export function tableHeader(table: ServerTable, options: TableOptions): readonly string[] {
  const titles = shownColumns(table, options.wide).map((index) => table.columnDefinitions[index]?.name.toUpperCase() ?? '');
  return [...(options.showNamespace ? ['NAMESPACE'] : []), ...titles, ...(options.showLabels ? ['LABELS'] : [])];
}

/** The rows that are shown, as texts. */
export function tableRows(table: ServerTable, options: TableOptions): readonly (readonly string[])[] {
  const columns = shownColumns(table, options.wide);
  return (table.rows ?? []).map(({ cells, object }) => [
    ...(options.showNamespace ? [object?.metadata.namespace ?? ''] : []),
    ...columns.map((index) => `${options.prefix && table.columnDefinitions[index]?.format === 'name' ? options.prefix : ''}${cellText(cells[index])}`),
    ...(options.showLabels ? [labelsText(object)] : []),
  ]);
}

const shownColumns = (table: ServerTable, wide: boolean): readonly number[] =>
  table.columnDefinitions.flatMap(({ priority }, index) => (wide || !priority ? [index] : []));

const cellText = (cell: unknown): string =>
  cell === null || cell === undefined ? '<none>' : typeof cell === 'object' ? JSON.stringify(cell) : (String(cell).split('\n')[0] ?? '');

const labelsText = (object: KubeObject | undefined): string =>
  Object.entries(object?.metadata.labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || '<none>';
