import { type KubeList, type KubeObject, parseJsonPath, relaxedJsonPath } from '../../apimachinery/index.ts';
import { answerError, objectPath, resourcePath } from '../../client/index.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { discover, type Resource } from '../kubernetes/discovery.ts';
import { parseResourceWords, type ResourceWords } from '../kubernetes/resource-words.ts';
import { watchTables } from '../kubernetes/watch-tables.ts';
import { type OutputFormat, outputFormat, type Printable, printObjects } from '../output/print-objects.ts';
import { asTable, type ServerTable, TABLE_ACCEPT, tableHeader, tableRows } from '../output/server-table.ts';
import { textTable } from '../output/text-table.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover get KIND [NAME …] | KIND/NAME … | KIND,KIND [OPTIONS]',
  summary: 'Show Kubernetes objects.',
  examples: [
    'drover get pods',
    'drover get deploy,svc -n shop',
    'drover get pod web-1 -o yaml',
    "drover get pods -A --field-selector status.phase=Running -o jsonpath='{.items[*].metadata.name}'",
    'drover get pods -w',
  ],
  options: {
    namespace: { type: 'string', short: 'n', value: 'NAME', help: 'of this namespace' },
    'all-namespaces': { type: 'boolean', short: 'A', help: 'of all namespaces' },
    output: { type: 'string', short: 'o', value: 'FORM', help: 'wide, json, yaml, name, jsonpath=…, custom-columns=…' },
    selector: { type: 'string', short: 'l', value: 'LABELS', help: 'with these labels' },
    'field-selector': { type: 'string', value: 'FIELDS', help: 'with these field values' },
    'sort-by': { type: 'string', value: 'PATH', help: 'in the order of this value: .metadata.creationTimestamp' },
    watch: { type: 'boolean', short: 'w', help: 'go on with what changes' },
    'show-labels': { type: 'boolean', help: 'a column of labels' },
    'no-headers': { type: 'boolean', help: 'no titles' },
    'show-managed-fields': { type: 'boolean', help: 'with -o json or yaml: who owns which field' },
    'ignore-not-found': { type: 'boolean', help: 'nothing found is no failure' },
  },
  async run(context, args) {
    const format = outputFormat(args.text('output'));
    const connection = await context.connect();
    const words = parseResourceWords(args.words, await discover(connection.transport, context.signal));
    if (args.flag('watch')) {
      const [only, ...more] = words;
      if (!only || more.length > 0) throw new UsageError('--watch follows one kind');
      return await watchTables(context, connection, only.resource, format, scopeOf(connection, args, only), tableOptions(args, format));
    }
    if (format.kind !== 'table') {
      const items = (await Promise.all(words.map((word) => loadObjects(context, connection, args, word)))).flat();
      const single = words.length === 1 && words[0]?.names.length === 1;
      if (items.length > 0 || !single)
        printObjects(
          context,
          format,
          sorted(items, args.text('sort-by'), ({ object }) => object),
          { single, managedFields: args.flag('show-managed-fields') },
        );
      return 0;
    }
    return await printTables(context, connection, args, words, format);
  },
};

export interface Scope {
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly names: readonly string[];
}

function scopeOf(connection: Connection, args: Parsed, words: ResourceWords): Scope {
  return {
    namespace: args.flag('all-namespaces') || !words.resource.namespaced ? undefined : (args.text('namespace') ?? connection.namespace),
    labelSelector: args.text('selector'),
    fieldSelector: args.text('field-selector'),
    names: words.names,
  };
}

const tableOptions = (args: Parsed, format: OutputFormat) => ({
  wide: format.kind === 'table' && format.wide,
  showNamespace: args.flag('all-namespaces'),
  showLabels: args.flag('show-labels'),
  header: !args.flag('no-headers'),
});

/** GETs an object or a list, as objects or as a Table. */
async function fetchPage(
  context: Context,
  connection: Connection,
  resource: Resource,
  scope: Scope,
  name: string | undefined,
  accept: string,
  full: boolean,
  ignoreMissing: boolean,
): Promise<unknown> {
  const path =
    name === undefined
      ? resourcePath(resource, { namespace: scope.namespace })
      : objectPath(resource, name, scope.namespace ?? (resource.namespaced ? connection.namespace : undefined));
  const selectors = name === undefined ? { labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector } : {};
  const { status, body } = await connection.transport.request({
    method: 'GET',
    path,
    query: { ...selectors, includeObject: full ? 'Object' : undefined },
    headers: { accept },
    signal: context.signal,
  });
  if (status === 404 && ignoreMissing) return undefined;
  if (status >= 400) throw answerError(status, body);
  return body;
}

async function loadObjects(context: Context, connection: Connection, args: Parsed, words: ResourceWords): Promise<readonly Printable[]> {
  const { resource, names } = words;
  const scope = scopeOf(connection, args, words);
  const ignore = args.flag('ignore-not-found');
  const load = (name?: string): Promise<unknown> => fetchPage(context, connection, resource, scope, name, 'application/json', false, ignore);
  if (names.length > 0) {
    const bodies = await Promise.all(names.map((name) => load(name)));
    return bodies.flatMap((body) => (body === undefined ? [] : [{ object: body as KubeObject, resource }]));
  }
  const list = (await load()) as KubeList | undefined;
  const type = { apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version, kind: resource.kind };
  return (list?.items ?? []).map((item) => ({ object: item.kind ? item : { ...type, ...item }, resource }));
}

async function printTables(context: Context, connection: Connection, args: Parsed, words: readonly ResourceWords[], format: OutputFormat): Promise<number> {
  const options = tableOptions(args, format);
  const sortBy = args.text('sort-by');
  let printed = 0;
  for (const word of words) {
    const scope = scopeOf(connection, args, word);
    const targets = word.names.length > 0 ? word.names : [undefined];
    const tables: ServerTable[] = [];
    for (const name of targets) {
      const body = await fetchPage(context, connection, word.resource, scope, name, TABLE_ACCEPT, sortBy !== undefined, args.flag('ignore-not-found'));
      if (body !== undefined) tables.push(asTable(body, context.clock.now()));
    }
    const [first] = tables;
    if (!first) continue;
    const rows = sorted(
      tables.flatMap(({ rows: own }) => own ?? []),
      sortBy,
      ({ object }) => object,
    );
    if (rows.length === 0) continue;
    if (printed > 0) context.print('');
    const prefix =
      words.length > 1 ? `${word.resource.singular || word.resource.kind.toLowerCase()}${word.resource.group ? `.${word.resource.group}` : ''}/` : '';
    const shown = { ...options, prefix };
    context.print(textTable(options.header ? tableHeader(first, shown) : undefined, tableRows({ ...first, rows }, shown)));
    printed++;
  }
  if (printed === 0 && !args.flag('ignore-not-found')) {
    const scope = words[0] ? scopeOf(connection, args, words[0]) : undefined;
    context.notice(scope?.namespace ? `No resources found in ${scope.namespace} namespace.` : 'No resources found');
  }
  return 0;
}

/** Ordered by the value at a path; numbers and times as such. */
function sorted<T>(items: readonly T[], path: string | undefined, objectOf: (item: T) => unknown): readonly T[] {
  if (path === undefined) return items;
  const template = parseJsonPath(relaxedJsonPath(path));
  const value = (item: T): unknown => template.find(objectOf(item))[0];
  return [...items].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return sortText(left).localeCompare(sortText(right), 'en');
  });
}

const sortText = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));
