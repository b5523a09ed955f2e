import type { Connection, Context } from '../context.ts';
import type { Style } from '../io.ts';
import { memoryText, uptime } from '../output/age.ts';
import { boxTable } from '../output/text-table.ts';
import { type AppRow, appRows } from './app-rows.ts';
import { type AppView, loadApps } from './app-view.ts';
import { type ProcessFacts, processFacts } from './process-facts.ts';

const COLORS: { readonly [state in AppRow['state']]: Style } = {
  online: 'green',
  launching: 'yellow',
  stopping: 'yellow',
  stopped: 'red',
  errored: 'red',
  pending: 'yellow',
};

/** The rows of apps, with what the machine tells of their processes. */
export async function loadRows(context: Context, connection: Connection, wanted: (app: AppView) => boolean, namespace?: string): Promise<readonly AppRow[]> {
  const apps = (await loadApps(connection.client, namespace, context.signal)).filter(wanted);
  const none: ReadonlyMap<string, ProcessFacts> = new Map();
  const facts = connection.local
    ? await processFacts(
        connection.local,
        apps.flatMap(({ pods }) => pods),
        context.clock,
      )
    : none;
  return apps.flatMap((app) => appRows(app, facts));
}

/** Prints the list of apps as PM2 does, on stdout. */
export async function printApps(context: Context, connection: Connection, wanted: (app: AppView) => boolean, namespace?: string): Promise<void> {
  const rows = await loadRows(context, connection, wanted, namespace);
  const { paint } = context;
  const nowMs = context.clock.now();
  const wide = context.io.columns >= 110 || !context.io.stdoutIsTty;
  const columns: readonly (readonly [string, (row: AppRow) => string, boolean?])[] = [
    ['id', ({ id }) => (id === undefined ? '-' : paint('cyan', String(id)))],
    ['name', ({ app }) => paint('bold', app.name)],
    ['namespace', ({ app }) => app.namespace, true],
    ['version', ({ app }) => app.version ?? 'N/A', true],
    ['mode', ({ app }) => app.mode],
    ['pid', ({ facts }) => (facts ? String(facts.pid) : '-')],
    ['uptime', ({ startedAtMs }) => (startedAtMs === undefined ? '0' : uptime(nowMs - startedAtMs))],
    ['↺', ({ restarts }) => String(restarts)],
    ['status', ({ state }) => paint(COLORS[state], state)],
    ['cpu', ({ facts }) => (facts?.cpuPercent === undefined ? '-' : `${facts.cpuPercent.toFixed(facts.cpuPercent < 10 ? 1 : 0)}%`)],
    ['mem', ({ facts }) => (facts?.memoryBytes === undefined ? '-' : memoryText(facts.memoryBytes))],
  ];
  const shown = columns.filter(([, , onlyWide]) => wide || !onlyWide);
  context.print(
    boxTable(
      shown.map(([title]) => title),
      rows.map((row) => shown.map(([, cell]) => cell(row))),
      (text) => paint('cyan', text),
    ),
  );
}
