import { type KubeObject, StatusError } from '../../apimachinery/index.ts';
import { answerError, resourcePath } from '../../client/index.ts';
import type { Connection, Context } from '../context.ts';
import { type OutputFormat, printObjects } from '../output/print-objects.ts';
import { isTable, type ServerTable, TABLE_ACCEPT, tableHeader, tableRows } from '../output/server-table.ts';
import { displayWidth } from '../output/text-table.ts';
import type { Scope } from '../verbs/get.ts';
import type { Resource } from './discovery.ts';

interface Options {
  readonly wide: boolean;
  readonly showNamespace: boolean;
  readonly showLabels: boolean;
  readonly header: boolean;
}

/**
 * Prints what there is and then every change, until interrupted. A connection that breaks (the daemon restarts) is opened again from the last version seen;
 * when that is too old what there is now is printed anew.
 */
export async function watchTables(
  context: Context,
  connection: Connection,
  resource: Resource,
  format: OutputFormat,
  scope: Scope,
  options: Options,
): Promise<number> {
  const path = resourcePath(resource, { namespace: scope.namespace });
  const [name] = scope.names;
  const fieldSelector =
    [scope.fieldSelector, name === undefined ? undefined : `metadata.name=${name}`].filter((one) => one !== undefined).join(',') || undefined;
  const query = { labelSelector: scope.labelSelector, fieldSelector };
  const accept = format.kind === 'table' ? TABLE_ACCEPT : 'application/json';
  const printer = rowPrinter(context, options);
  const print = (body: unknown): void => {
    if (isTable(body)) printer(body);
    else if (format.kind !== 'table') printObjects(context, format, [{ object: body as KubeObject, resource }], { single: true, managedFields: false });
  };
  let version: string | undefined;
  while (!context.signal.aborted) {
    try {
      if (version === undefined) {
        const { status, body } = await connection.transport.request({ method: 'GET', path, query, headers: { accept }, signal: context.signal });
        if (status >= 400) throw answerError(status, body);
        if (isTable(body)) printer(body);
        else for (const item of (body as { readonly items?: readonly KubeObject[] }).items ?? []) print(item);
        version = (body as { readonly metadata?: { readonly resourceVersion?: string } }).metadata?.resourceVersion ?? '';
      }
      const events = connection.transport.watch({
        method: 'GET',
        path,
        query: { ...query, resourceVersion: version, allowWatchBookmarks: 'true' },
        headers: { accept },
        signal: context.signal,
      });
      for await (const event of events) {
        if (event.type === 'ERROR') throw StatusError.from(event.object);
        const seen: unknown = event.object;
        version =
          (isTable(seen) ? seen.metadata?.resourceVersion || seen.rows?.[0]?.object?.metadata.resourceVersion : event.object.metadata.resourceVersion) ??
          version;
        if (event.type !== 'BOOKMARK') print(seen);
      }
    } catch (error) {
      if (context.signal.aborted) break;
      if (error instanceof StatusError && error.code === 410) version = undefined;
      else if (error instanceof StatusError && error.code < 500) throw error;
      await context.clock.sleep(300, context.signal).catch(() => undefined);
    }
  }
  return 130;
}

/** Prints rows as they come; columns keep the widths they once had. */
function rowPrinter(context: Context, options: Options): (table: ServerTable) => void {
  let widths: number[] = [];
  let header: readonly string[] | undefined;
  return (table) => {
    // Later events may leave the column definitions out.
    const columns = table.columnDefinitions?.length ? tableHeader(table, options) : header;
    if (!columns) return;
    const rows = tableRows(table, options);
    const lines = header === undefined && options.header ? [columns, ...rows] : rows;
    header = columns;
    widths = columns.map((title, index) => Math.max(widths[index] ?? 0, displayWidth(title), ...rows.map((row) => displayWidth(row[index] ?? ''))));
    for (const line of lines) context.print(line.map((cell, index) => (index === line.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + 3))).join(''));
  };
}
