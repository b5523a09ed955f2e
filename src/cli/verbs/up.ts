import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type App, ecosystemToObjects } from '../../formats/index.ts';
import { errorText } from '../../std/index.ts';
import { printApps } from '../apps/print-apps.ts';
import { applyApps, waitForApps } from '../apps/start-apps.ts';
import type { Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { ecosystemFilesIn } from '../ecosystem/ecosystem-files.ts';
import { loadEcosystem } from '../ecosystem/load-ecosystem.ts';
import { placeProblem } from '../ecosystem/place-problem.ts';
import { CliError } from '../errors.ts';
import { applyManifests } from '../kubernetes/apply-manifests.ts';
import { readManifestFiles } from '../kubernetes/manifest-files.ts';
import { secondsOption } from '../values.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'drover up [DIRECTORY]',
  summary: 'Start the daemon and run what a directory holds: an ecosystem file, Kubernetes manifests, or a package with a start script.',
  examples: ['drover up', 'drover up examples/shop'],
  options: {
    env: { type: 'string', value: 'NAME', help: 'take the variables of env_NAME in an ecosystem file' },
    timeout: { type: 'string', value: 'SECONDS', help: 'how long to wait until all is ready (default 120)' },
    'no-wait': { type: 'boolean', help: 'return as soon as everything is accepted' },
  },
  notes: [
    'Looked for in this order: drover.config.*, ecosystem.config.*, pm2.config.*, process.json|yml, k8s/, package.json. Compose files and kustomizations are not read yet.',
  ],
  async run(context, args) {
    const directory = resolve(context.io.cwd, args.words[0] ?? '.');
    const source = findSource(directory);
    if (source.passedOver.length > 0)
      context.notice(`Taking ${basename(source.path)}; also there, and left alone: ${source.passedOver.map((path) => basename(path)).join(', ')}`);
    else context.notice(`Taking ${source.path}`);
    const limitMs = secondsOption(args, 'timeout', 120) * 1_000;
    if (source.kind === 'manifests') return await upManifests(context, source.path, args, limitMs);
    const config = source.kind === 'package' ? packageConfig(source.path) : await loadEcosystem(source.path, context.clock, context.io.env);
    const apps = convert(context, args, config, directory, source.path);
    const connection = await context.connect();
    await applyApps(context, connection, apps, 'converge');
    const code = args.flag('no-wait') ? 0 : await waitForApps(context, connection, apps, limitMs);
    await printApps(context, connection, (view) => apps.some((app) => app.objectName === view.objectName && app.namespace === view.namespace));
    return code;
  },
};

interface Source {
  readonly kind: 'ecosystem' | 'manifests' | 'package';
  readonly path: string;
  readonly passedOver: readonly string[];
}

const NOT_READ = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml', 'kustomization.yaml', 'Procfile'];

function findSource(directory: string): Source {
  if (!existsSync(directory)) throw new CliError(`there is no directory ${directory}`);
  const candidates: { readonly kind: Source['kind']; readonly path: string }[] = ecosystemFilesIn(directory).map((path) => ({ kind: 'ecosystem', path }));
  const k8s = join(directory, 'k8s');
  if (existsSync(k8s)) candidates.push({ kind: 'manifests', path: k8s });
  else if (holdsManifests(directory)) candidates.push({ kind: 'manifests', path: directory });
  const manifest = join(directory, 'package.json');
  if (existsSync(manifest) && startScript(manifest)) candidates.push({ kind: 'package', path: manifest });
  const [first, ...others] = candidates;
  const notRead = NOT_READ.map((name) => join(directory, name)).filter((path) => existsSync(path));
  if (!first) {
    const what =
      notRead.length > 0 ? `${notRead.map((path) => basename(path)).join(', ')} is not read yet, and there is nothing else to run` : 'there is nothing to run';
    throw new CliError(`${directory}: ${what}`, { hint: 'expected an ecosystem file, Kubernetes manifests in k8s/, or a package.json with a start script' });
  }
  return { ...first, passedOver: [...others.map(({ path }) => path), ...notRead] };
}

/** Directories such as examples/shop: manifests lie in them and below, without a k8s/. */
function holdsManifests(directory: string): boolean {
  const isManifest = (path: string): boolean =>
    /\.ya?ml$/.test(path) && /^kind:/m.test(readFileSync(path, 'utf8')) && /^apiVersion:/m.test(readFileSync(path, 'utf8'));
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isFile() && isManifest(path)) return true;
    if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
      for (const inner of readdirSync(path)) if (/\.ya?ml$/.test(inner) && isManifest(join(path, inner))) return true;
    }
  }
  return false;
}

function startScript(path: string): string | undefined {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as { readonly scripts?: { readonly start?: unknown } };
    return typeof parsed.scripts?.start === 'string' ? parsed.scripts.start : undefined;
  } catch (cause) {
    throw new CliError(`${path}: ${errorText(cause)}`, { cause });
  }
}

/** A package is one app: its start script. */
function packageConfig(path: string): unknown {
  const { name } = JSON.parse(readFileSync(path, 'utf8')) as { readonly name?: string };
  const start = startScript(path) ?? '';
  return { apps: [{ name: name?.replace(/^@[^/]+\//, '') || basename(resolve(path, '..')), script: start }] };
}

function convert(context: Context, args: Parsed, config: unknown, directory: string, file: string): readonly App[] {
  const envName = args.text('env');
  const { apps, notes, errors } = ecosystemToObjects(config, {
    directory,
    cores: availableParallelism(),
    env: context.io.env,
    ...(envName ? { envName } : {}),
    namespace: 'default',
    nodeVersion: process.version,
    exists: existsSync,
  });
  for (const note of notes) context.notice(note);
  if (errors.length > 0) {
    const text = readFileSync(file, 'utf8');
    throw new CliError(errors.map((error) => placeProblem(file, text, error)).join('\n'));
  }
  return apps;
}

async function upManifests(context: Context, path: string, args: Parsed, limitMs: number): Promise<number> {
  const manifests = await readManifestFiles(context.io, [path], true);
  const connection: Connection = await context.connect();
  const deployments: { readonly name: string; readonly objectName: string; readonly namespace: string }[] = [];
  const { failures } = await applyManifests(context, connection, manifests, {
    mode: 'three-way',
    force: false,
    namespace: undefined,
    dryRun: false,
    validate: 'Strict',
    done: (title, outcome, { kind, metadata: { name = '', namespace = '' } }) => {
      context.print(`${title} ${outcome}`);
      if (kind === 'Deployment') deployments.push({ name, objectName: name, namespace });
    },
  });
  const code = args.flag('no-wait') ? 0 : await waitForApps(context, connection, deployments, limitMs);
  return failures > 0 ? 1 : code;
}
