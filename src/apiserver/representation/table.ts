import type { KubeObject } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';
import { partialMetadata } from './partial-metadata.ts';

/** How much of each object a Table's row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1';
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  /** Watches send the columns with the first event only. */
  readonly columns: boolean;
}

/** What tables need to know of a kind. */
export type Columns = Pick<AnyKind, 'columns'>;

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.';

const columnDefinitions = (kind: Columns): readonly object[] =>
  kind.columns.map((column) => ({
    name: column.name,
    type: column.type ?? 'string',
    format: column.format ?? (column.name === 'Name' ? 'name' : ''),
    description: column.description ?? (column.name === 'Name' ? NAME_DESCRIPTION : ''),
    priority: column.priority ?? 0,
  }));

/** Objects as kubectl prints them. */
export function tableOf(kind: Columns, objects: readonly KubeObject[], metadata: object, options: TableOptions): object {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.columns ? columnDefinitions(kind) : null,
    rows: objects.map((object) => ({
      cells: kind.columns.map((column) => column.cell(object, options.nowMs)),
      ...(options.includeObject === 'None' ? {} : { object: options.includeObject === 'Object' ? object : partialMetadata(object, options.version) }),
    })),
  };
}
