import { existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type App, ecosystemToObjects, IDS_ANNOTATION, objectNameOf } from '../../formats/index.ts';
import { type AppView, loadApps } from '../apps/app-view.ts';
import { printApps } from '../apps/print-apps.ts';
import { applyApps, replicasPatch, waitForApps } from '../apps/start-apps.ts';
import { REFUSED_FLAGS, START_FLAGS, START_OPTIONS } from '../apps/start-options.ts';
import { selectApps } from '../apps/targets.ts';
import type { Parsed } from '../arguments.ts';
import type { Context } from '../context.ts';
import { isEcosystemFile } from '../ecosystem/ecosystem-files.ts';
import { placeProblem } from '../ecosystem/place-problem.ts';
import { CliError, UsageError } from '../errors.ts';
import { known } from '../refs.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover start SCRIPT|FILE|COMMAND|APP … [OPTIONS] [-- ARGS]',
  summary: 'Start programs and keep them running.',
  examples: [
    'drover start app.js',
    'drover start app.js -i 4 --name api -- --port 3000',
    'drover start ecosystem.config.js --env production',
    'drover start "python3 -m http.server 8080" --name files',
    'drover start api            (a stopped app)',
  ],
  options: START_OPTIONS,
  notes: ['Returns when every app is online; otherwise says why not, and exits with 1.'],
  async run(context, args) {
    refuseFlags(args);
    if (args.words.length === 0) throw new UsageError('name a script, an ecosystem file, a command or a stopped app', 'for instance: drover start app.js');
    const limitMs = secondsOption(args, 'timeout', 60) * 1_000;
    const files = args.words.filter((word) => isFile(resolve(context.io.cwd, word)) && isEcosystemFile(word));
    const { apps, existing } =
      files.length > 0
        ? { apps: await appsOfFiles(context, args, args.words), existing: 'converge' as const }
        : { apps: appsOfWords(context, args), existing: 'refuse' as const };
    if (apps === undefined) return await startStopped(context, args, limitMs);
    const connection = await context.connect();
    const applied = await applyApps(context, connection, apps, args.flag('force') ? 'converge' : existing);
    for (const { app, changed } of applied) if (!changed) context.notice(`${app.name} is unchanged`);
    const code = args.flag('no-wait') ? 0 : await waitForApps(context, connection, apps, limitMs);
    await printApps(context, connection, (view) => apps.some((app) => app.objectName === view.objectName && app.namespace === view.namespace));
    if (code !== 0 || !args.flag('attach')) return code;
    const { followApps } = await import('../logs/follow-apps.ts');
    return await followApps(context, connection, (view) => apps.some((app) => app.objectName === view.objectName && app.namespace === view.namespace));
  },
};

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

function refuseFlags(args: Parsed): void {
  for (const [flag, reason] of Object.entries(REFUSED_FLAGS))
    if (args.flag(flag) || args.text(flag) !== undefined) throw new UsageError(`--${flag} is refused: ${reason}`);
}

/** The attributes that flags give to every app. */
function flagAttributes(args: Parsed): { readonly [attribute: string]: unknown } {
  const given: { [attribute: string]: unknown } = {};
  for (const [flag, attribute] of Object.entries(START_FLAGS)) {
    const value = args.text(flag) ?? (args.flag(flag) ? true : undefined);
    if (value !== undefined) given[attribute] = value;
  }
  if (args.flag('no-autorestart')) given['autorestart'] = false;
  if (args.rest !== undefined) given['args'] = args.rest;
  return given;
}

function convert(context: Context, args: Parsed, config: unknown, directory: string): readonly App[] {
  const envName = args.text('env');
  const only = args
    .text('only')
    ?.split(',')
    .map((name) => name.trim());
  const { apps, notes, errors } = ecosystemToObjects(config, {
    directory,
    cores: availableParallelism(),
    env: context.io.env,
    ...(envName ? { envName } : {}),
    ...(only ? { only } : {}),
    namespace: objectNameOf(args.text('namespace') ?? 'default'),
    nodeVersion: process.version,
    // A directory is no program.
    exists: isFile,
  });
  for (const note of notes) context.notice(note);
  if (errors.length > 0) throw new CliError(errors.join('\n'));
  return apps;
}

/** What is wrong with the only app needs no number in a list. */
function convertWords(context: Context, args: Parsed, config: unknown, directory: string): readonly App[] {
  try {
    return convert(context, args, config, directory);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const message = args.words.length === 1 ? error.message.replace(/^apps\[0\]: /gm, '') : error.message;
    // A script that is not there is a failure; a value that cannot be one is wrong usage.
    throw /\bscript: /.test(message) ? new CliError(message) : new UsageError(message, 'see drover start --help');
  }
}

async function appsOfFiles(context: Context, args: Parsed, words: readonly string[]): Promise<readonly App[]> {
  const apps: App[] = [];
  for (const word of words) {
    const file = resolve(context.io.cwd, word);
    if (!isFile(file)) throw new CliError(`there is no file ${file}`);
    // Reading such files needs a YAML reader, which no other start shall wait for.
    const { loadEcosystem } = await import('../ecosystem/load-ecosystem.ts');
    const config = await loadEcosystem(file, context.clock, context.io.env);
    try {
      apps.push(...convert(context, args, config, dirname(file)));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const text = readFileSync(file, 'utf8');
      throw new CliError(
        error.message
          .split('\n')
          .map((problem) => placeProblem(file, text, problem))
          .join('\n'),
      );
    }
  }
  return apps;
}

/** Scripts and commands; undefined when the words name apps that exist under the daemon. */
function appsOfWords(context: Context, args: Parsed): readonly App[] | undefined {
  const attributes = flagAttributes(args);
  const isPath = (word: string): boolean => existsSync(resolve(context.io.cwd, word)) || /[./\s]/.test(word);
  if (!args.words.some(isPath) && args.rest === undefined && Object.keys(attributes).every((name) => name === 'namespace')) return undefined;
  if (args.words.length > 1 && attributes['name'] !== undefined)
    throw new UsageError('--name needs a single script', 'start the scripts one by one, or list them in an ecosystem file');
  const cwd = args.text('cwd');
  return convertWords(
    context,
    args,
    { apps: args.words.map((script) => ({ script, ...attributes, ...(cwd ? { cwd: resolve(context.io.cwd, cwd) } : {}) })) },
    context.io.cwd,
  );
}

async function startStopped(context: Context, args: Parsed, limitMs: number): Promise<number> {
  const connection = await context.connect();
  const views = await loadApps(connection.client, args.text('namespace'), context.signal);
  let selected: readonly AppView[];
  try {
    selected = selectApps(args.words, views);
  } catch (error) {
    // No app of this name: it may be a program in PATH.
    if (args.words.length !== 1 || !(error instanceof CliError)) throw error;
    throw new CliError(`there is neither a file nor an app "${args.words[0]}"`, {
      hint: `${error.hint ?? ''}\na command is given in quotes with its arguments, or after a name: drover start "${args.words[0]} …" --name NAME`.trim(),
    });
  }
  for (const view of selected) {
    if ((view.deployment.spec?.replicas ?? 1) > 0) context.notice(`${view.name} is already running; restart it with: drover restart ${view.name}`);
    else {
      const patch = replicasPatch(view, view.stoppedReplicas ?? 1, views, IDS_ANNOTATION);
      await known(connection.client, 'deployments').patch(view.objectName, view.namespace, patch, {
        type: 'merge',
        onWarning: context.warn,
        signal: context.signal,
      });
    }
  }
  const code = args.flag('no-wait') ? 0 : await waitForApps(context, connection, selected, limitMs);
  await printApps(context, connection, (view) => selected.some((one) => one.objectName === view.objectName && one.namespace === view.namespace));
  return code;
}
