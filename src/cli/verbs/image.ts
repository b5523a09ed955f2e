import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isAlreadyExists, isNotFound } from '../../apimachinery/index.ts';
import { splitWords } from '../../formats/index.ts';
import { ensureNamespace } from '../apps/apply-app.ts';
import type { Parsed } from '../arguments.ts';
import type { Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { textTable } from '../output/text-table.ts';
import { known } from '../refs.ts';
import type { Verb } from '../verb.ts';

const NAMESPACE = 'kube-system';
const NAME = 'drover-images';

/** A directory of code that an image name stands for; the node agent reads it. */
interface Artifact {
  readonly name: string;
  readonly tag: string;
  readonly directory: string;
  readonly command?: readonly string[];
}

export const verb: Verb = {
  usage: 'drover image add NAME:TAG DIRECTORY [--command COMMAND] | list | remove NAME:TAG',
  summary: 'Say which directory of code an image name in manifests stands for.',
  examples: ['drover image add product-service:v2.0.0 ./product-service', 'drover image add api:v1 . --command "node server.js"', 'drover image list'],
  options: { command: { type: 'string', value: 'COMMAND', help: "what to run (default: package.json's start script, main, index.js or server.js)" } },
  async run(context, args) {
    const [action, ...words] = args.words;
    if (action === 'add') return await add(context, args, words);
    if (action === 'list' || action === 'ls' || action === undefined) return await list(context);
    if (action === 'remove' || action === 'rm') return await remove(context, words);
    throw new UsageError(`expected add, list or remove, got "${action}"`);
  },
};

function parseName(text: string | undefined): { readonly name: string; readonly tag: string } {
  const match = /^((?:[\w.-]+(?::\d+)?\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?$/.exec(text ?? '');
  if (!match) throw new UsageError(`expected an image name such as product-service:v1.0.0, got "${text ?? ''}"`);
  return { name: match[1] ?? '', tag: match[2] ?? 'latest' };
}

/** Keys of a ConfigMap may hold letters, digits, dashes, dots and underscores. */
const keyOf = ({ name, tag }: { readonly name: string; readonly tag: string }): string => `${name}_${tag}`.replace(/[^-._a-zA-Z0-9]/g, '-');

async function add(context: Context, args: Parsed, [given, directory]: readonly string[]): Promise<number> {
  const image = parseName(given);
  if (directory === undefined) throw new UsageError('name the directory of the code', 'for instance: drover image add api:v1 ./api');
  const path = resolve(context.io.cwd, directory);
  if (!existsSync(path) || !statSync(path).isDirectory()) throw new CliError(`${path} is not a directory`);
  const command = args.text('command');
  const words = command === undefined ? undefined : splitWords(command);
  if (command !== undefined && !words) throw new UsageError('--command: a quote is not closed');
  const artifact: Artifact = { ...image, directory: path, ...(words ? { command: words } : {}) };
  const { client } = await context.connect();
  const maps = known(client, 'configmaps');
  const data = { [keyOf(image)]: JSON.stringify(artifact) };
  try {
    await maps.patch(NAME, NAMESPACE, { data }, { type: 'merge', signal: context.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await ensureNamespace(client, NAMESPACE, context.signal);
    try {
      await maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: NAMESPACE }, data }, { signal: context.signal });
    } catch (raced) {
      if (!isAlreadyExists(raced)) throw raced;
      await maps.patch(NAME, NAMESPACE, { data }, { type: 'merge', signal: context.signal });
    }
  }
  context.print(`image ${image.name}:${image.tag} is ${path}`);
  return 0;
}

async function artifacts(context: Context): Promise<readonly Artifact[]> {
  const { client } = await context.connect();
  try {
    const { data = {} } = await known(client, 'configmaps').get(NAME, NAMESPACE, { signal: context.signal });
    return Object.values(data).map((text) => JSON.parse(text) as Artifact);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function list(context: Context): Promise<number> {
  const rows = (await artifacts(context))
    .filter(({ name, directory }) => name && directory)
    .map(({ name, tag, directory, command }) => [name, tag, directory, command?.join(' ') ?? '<default>']);
  if (rows.length === 0) context.notice('No images were registered; register one with: drover image add NAME:TAG DIRECTORY');
  else
    context.print(
      textTable(
        ['NAME', 'TAG', 'DIRECTORY', 'COMMAND'],
        rows.sort((a, b) => `${a[0]}:${a[1]}`.localeCompare(`${b[0]}:${b[1]}`)),
      ),
    );
  return 0;
}

async function remove(context: Context, [given]: readonly string[]): Promise<number> {
  const image = parseName(given);
  if (!(await artifacts(context)).some(({ name, tag }) => name === image.name && tag === image.tag))
    throw new CliError(`there is no image ${image.name}:${image.tag}`);
  const { client } = await context.connect();
  await known(client, 'configmaps').patch(NAME, NAMESPACE, { data: { [keyOf(image)]: null } }, { type: 'merge', signal: context.signal });
  context.print(`image ${image.name}:${image.tag} removed; pods that run go on`);
  return 0;
}
