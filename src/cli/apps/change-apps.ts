import type { OptionSpecs, Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { type AppView, loadApps } from './app-view.ts';
import { selectApps } from './targets.ts';

/** Options of every verb that changes apps. */
export const TARGET_OPTIONS: OptionSpecs = {
  namespace: { type: 'string', short: 'n', value: 'NAME', help: 'only apps of this namespace' },
  timeout: { type: 'string', value: 'SECONDS', help: 'how long to wait' },
  'no-wait': { type: 'boolean', help: 'return as soon as the change is accepted' },
};

/** Connects and finds the apps that the words name. */
export async function targets(
  context: Context,
  args: Parsed,
  words: readonly string[] = args.words,
): Promise<{ readonly connection: Connection; readonly all: readonly AppView[]; readonly selected: readonly AppView[] }> {
  const connection = await context.connect();
  const all = await loadApps(connection.client, args.text('namespace'), context.signal);
  return { connection, all, selected: selectApps(words, all) };
}

export const among =
  (selected: readonly AppView[]) =>
  (view: AppView): boolean =>
    selected.some((one) => one.objectName === view.objectName && one.namespace === view.namespace);
