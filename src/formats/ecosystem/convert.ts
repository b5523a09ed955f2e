import { basename, extname, resolve } from 'node:path';
import type { KubeObject } from '../../apimachinery/index.ts';
import { nearest } from '../nearest.ts';
import type { App } from './app.ts';
import { appDeployment } from './app-deployment.ts';
import { objectNameOf } from './app-name.ts';
import { APP_ATTRIBUTES, ATTRIBUTE_NAMES, type AttributeType, FILE_KEYS } from './attributes.ts';
import { interpreterOf, isNode, typescriptProblem } from './interpreter.ts';
import { type Read, readBoolean, readCount, readEnvironment, readInstances, readMilliseconds, readString, readWords, VARIABLE_NAME } from './values.ts';

/** What the machine and the caller add to the file. */
export interface EcosystemContext {
  /** Directory that relative paths start from: the file's. */
  readonly directory: string;
  readonly cores: number;
  /** The caller's environment: programs get it, as under PM2. */
  readonly env: { readonly [name: string]: string | undefined };
  /** `--env production` takes env_production. */
  readonly envName?: string;
  /** Only these apps. */
  readonly only?: readonly string[];
  /** Where apps go that name no namespace. */
  readonly namespace: string;
  /** process.version. */
  readonly nodeVersion: string;
  readonly exists: (path: string) => boolean;
}

export interface Conversion {
  readonly objects: readonly KubeObject[];
  readonly apps: readonly App[];
  /** What was understood in another way than a reader might think. */
  readonly notes: readonly string[];
  /** Not empty: nothing may be applied. Each names the app and the attribute. */
  readonly errors: readonly string[];
}

/** Variables of the calling shell that mean nothing to a program started in the background, or would mislead it. */
const NOT_INHERITED = new Set([
  '_',
  'SHLVL',
  'OLDPWD',
  'PWD',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'NODE_APP_INSTANCE',
  'LISTEN_FDS',
  'LISTEN_PID',
  'NOTIFY_SOCKET',
]);

type Loose = { readonly [key: string]: unknown };
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Turns what an ecosystem file exports into objects. Pure: the same input gives the same objects. */
export function ecosystemToObjects(config: unknown, context: EcosystemContext): Conversion {
  const errors: string[] = [];
  const notes: string[] = [];
  const apps: App[] = [];
  for (const { entry, label } of appEntries(config, errors)) {
    if (context.only && !context.only.includes(String(entry['name'] ?? ''))) continue;
    const app = convertApp(entry, label, context, notes, errors);
    if (!app) continue;
    const twin = apps.find(({ objectName, namespace }) => objectName === app.objectName && namespace === app.namespace);
    if (twin) errors.push(`${label}: the name "${app.name}" is taken by another app of this file ("${twin.name}")`);
    apps.push(app);
  }
  for (const name of context.only ?? [])
    if (!apps.some((app) => app.name === name) && errors.length === 0) errors.push(`--only: there is no app "${name}" in the file`);
  return { objects: errors.length > 0 ? [] : apps.map(appDeployment), apps, notes, errors };
}

function appEntries(config: unknown, errors: string[]): readonly { readonly entry: Loose; readonly label: string }[] {
  let list: unknown = config;
  if (isRecord(config)) {
    list = 'apps' in config ? config['apps'] : config;
    for (const key of 'apps' in config ? Object.keys(config) : []) {
      const rule = FILE_KEYS[key];
      if (rule?.treat === 'refused') errors.push(`${key}: ${rule.reason}`);
      else if (!rule) errors.push(unknown(key, Object.keys(FILE_KEYS)));
    }
  }
  const items = Array.isArray(list) ? (list as readonly unknown[]) : [list];
  if (items.length === 0) errors.push('apps: the list is empty');
  return items.flatMap((item, index) => {
    if (isRecord(item)) return [{ entry: item, label: typeof item['name'] === 'string' ? `app "${item['name']}"` : `apps[${index}]` }];
    errors.push(`apps[${index}]: expected an app ({ name, script, … }), got ${JSON.stringify(item) ?? 'nothing'}`);
    return [];
  });
}

const unknown = (key: string, known: readonly string[]): string => {
  const near = nearest(key, known);
  return `${key}: there is no such attribute${near ? `; did you mean ${near}?` : ''}`;
};

/** The attributes under their names, each checked against the table. `env_NAME` are kept apart. */
function readAttributes(entry: Loose, label: string, cores: number, errors: string[]) {
  const read = new Map<string, unknown>();
  const environments = new Map<string, { readonly [name: string]: string }>();
  for (const [key, value] of Object.entries(entry)) {
    if (value === undefined || value === null) continue;
    const envName = /^env_(.+)$/.exec(key)?.[1];
    const name = ATTRIBUTE_NAMES[key] ?? (envName ? 'env' : undefined);
    const rule = name === undefined ? undefined : APP_ATTRIBUTES[name];
    if (!name || !rule) errors.push(`${label}: ${unknown(key, Object.keys(ATTRIBUTE_NAMES))}`);
    else if (rule.treat === 'refused') errors.push(`${label}: ${key} is refused: ${rule.reason}`);
    else if (rule.treat === 'only') {
      if (!rule.values.includes(value)) errors.push(`${label}: ${key}: ${JSON.stringify(value)} is refused: ${rule.reason}`);
    } else {
      const result = readValue(rule.type, value, cores);
      if ('expected' in result) errors.push(`${label}: ${key}: expected ${result.expected}, got ${JSON.stringify(value)}`);
      else if (envName && name === 'env' && ATTRIBUTE_NAMES[key] === undefined) environments.set(envName, result.value as { readonly [name: string]: string });
      else read.set(name, result.value);
    }
  }
  return { get: <T>(name: string): T | undefined => read.get(name) as T | undefined, environments };
}

function readValue(type: AttributeType, value: unknown, cores: number): Read<unknown> {
  switch (type) {
    case 'string':
    case 'file':
    case 'interpreter':
      return readString(value);
    case 'boolean':
      return readBoolean(value);
    case 'instances':
      return readInstances(value, cores);
    case 'milliseconds':
      return readMilliseconds(value);
    case 'count':
      return readCount(value);
    case 'words':
      return readWords(value);
    case 'environment':
      return readEnvironment(value);
    case 'exec-mode': {
      const mode = String(value).replace(/_mode$/, '');
      return mode === 'cluster' || mode === 'fork' ? { value: mode } : { expected: "'cluster' or 'fork'" };
    }
  }
}

function convertApp(entry: Loose, label: string, context: EcosystemContext, notes: string[], errors: string[]): App | undefined {
  const before = errors.length;
  const { get, environments } = readAttributes(entry, label, context.cores, errors);
  const script = get<string>('script');
  if (!script) {
    errors.push(`${label}: script is missing: name the program to run`);
    return undefined;
  }
  const cwd = resolve(context.directory, get<string>('cwd') ?? '.');
  const nodeArgs = get<readonly string[]>('node_args') ?? [];
  const program = resolveProgram(script, get<string>('interpreter'), cwd, context);
  if ('problem' in program) {
    errors.push(`${label}: script: ${program.problem}`);
    return undefined;
  }
  const { interpreter } = program;
  const typescript = typescriptProblem(program.file, interpreter, nodeArgs, context.nodeVersion);
  if (typescript) errors.push(`${label}: script: ${typescript}`);
  const args = get<readonly string[]>('args') ?? [];
  const command = interpreter === 'none' ? [...(program.words ?? [program.file]), ...args] : [interpreter, ...nodeArgs, program.file, ...args];
  if (interpreter === 'none' && nodeArgs.length > 0) errors.push(`${label}: node_args: there is no interpreter to pass them to`);

  if (get('log_file') !== undefined && (get('out_file') !== undefined || get('error_file') !== undefined)) {
    errors.push(`${label}: log_file: a third copy beside out_file and error_file is not written; leave one of them out`);
  }
  const asked = get<'cluster' | 'fork'>('exec_mode') ?? (get('instances') === undefined ? 'fork' : 'cluster');
  const execMode = asked === 'cluster' && isNode(interpreter) ? 'cluster' : 'fork';
  if (entry['exec_mode'] && asked === 'cluster' && execMode === 'fork')
    notes.push(`${label}: cluster mode shares a port between Node programs only; ${program.file} runs in fork mode`);

  const chosen = context.envName === undefined ? undefined : environments.get(context.envName);
  if (context.envName !== undefined && !chosen) notes.push(`${label}: there is no env_${context.envName}; env alone is used`);
  const name = get<string>('name') ?? basename(program.words?.[0] ?? program.file, extname(program.words?.[0] ?? program.file));
  const objectName = objectNameOf(name);
  if (errors.length > before) return undefined;
  return {
    name,
    objectName,
    namespace: objectNameOf(get<string>('namespace') ?? context.namespace),
    command,
    script: program.words ? script : program.file,
    cwd,
    instances: get<number>('instances') ?? 1,
    execMode,
    env: { ...inherited(context.env), ...get<{ readonly [name: string]: string }>('env'), ...chosen },
    ...given('version', get<string>('version')),
    ...given('waitReady', get<boolean>('wait_ready')),
    ...given('listenTimeoutMs', get<number>('listen_timeout')),
    ...given('killTimeoutMs', get<number>('kill_timeout')),
    ...given('autorestart', get<boolean>('autorestart')),
    ...given('maxRestarts', get<number>('max_restarts')),
    ...given('minUptimeMs', get<number>('min_uptime')),
    ...given('outFile', absolute(cwd, get<string>('out_file') ?? get<string>('log_file'))),
    ...given('errorFile', absolute(cwd, get<string>('error_file') ?? get<string>('log_file'))),
  };
}

/** `{ [key]: value }`, or nothing when there is no value. */
const given = <K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };

const absolute = (cwd: string, path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(cwd, path));

const inherited = (env: EcosystemContext['env']): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !NOT_INHERITED.has(entry[0]) && VARIABLE_NAME.test(entry[0])),
  );

/** A file with what runs it; or, when no such file exists, a command: its words when it has several, else a program in PATH. */
function resolveProgram(
  script: string,
  asked: string | undefined,
  cwd: string,
  context: EcosystemContext,
): { readonly file: string; readonly interpreter: string; readonly words?: readonly string[] } | { readonly problem: string } {
  const file = resolve(cwd, script);
  if (context.exists(file)) return { file, interpreter: asked ?? interpreterOf(file) };
  // As node itself: index for index.js.
  if (context.exists(`${file}.js`)) return { file: `${file}.js`, interpreter: asked ?? 'node' };
  if (asked === undefined || asked === 'none') {
    if (/[|&;<>(){}$`*?]/.test(script) && /\s/.test(script)) return { file: script, interpreter: 'none', words: ['/bin/sh', '-c', script] };
    const words = (readWords(script) as { readonly value?: readonly string[] }).value;
    const program = words?.[0];
    if (program && words && inPath(program, cwd, context)) return { file: program, interpreter: 'none', words };
  }
  return { problem: `${script} was not found: there is no file ${file}${/[/\\.]/.test(script) ? '' : ' and no such program in PATH'}` };
}

function inPath(program: string, cwd: string, context: EcosystemContext): boolean {
  if (program.includes('/')) return context.exists(resolve(cwd, program));
  return (context.env['PATH'] ?? '').split(':').some((directory) => directory !== '' && context.exists(resolve(directory, program)));
}
