import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseManifests } from '../../apimachinery/index.ts';
import { errorText } from '../../std/index.ts';
import { type Kubeconfig, KubeconfigError } from './kubeconfig.ts';

type Loose = { readonly [key: string]: unknown };
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The files kubectl would read: `--kubeconfig`, else KUBECONFIG (a list), else ~/.kube/config. */
export function kubeconfigFiles(given: string | undefined, env: NodeJS.ProcessEnv): readonly string[] {
  if (given) return [given];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] || homedir(), '.kube', 'config')];
}

/** Reads and merges kubeconfig files as kubectl does: the first to name something wins. Files of a list that are missing are passed over; all missing is an error. */
export async function loadKubeconfig(files: readonly string[]): Promise<Kubeconfig> {
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) throw new KubeconfigError(`no kubeconfig: ${files.join(', ')} does not exist; name one with --kubeconfig or KUBECONFIG`);
  let merged: Kubeconfig = { origin: present.join(delimiter), contexts: {}, clusters: {}, users: {} };
  for (const file of present) {
    merged = merge(merged, await contentOf(file), file);
  }
  return merged;
}

async function contentOf(file: string): Promise<unknown> {
  try {
    return parseManifests(await readFile(file, 'utf8'), file)[0]?.value;
  } catch (cause) {
    throw new KubeconfigError(errorText(cause), { cause });
  }
}

function merge(config: Kubeconfig, content: unknown, file: string): Kubeconfig {
  if (content === null || content === undefined) return config;
  if (!isRecord(content)) throw new KubeconfigError(`${file}: expected a kubeconfig (a mapping with clusters, users and contexts)`);
  const directory = dirname(resolve(file));
  const current = content['current-context'];
  return {
    ...config,
    ...(config.currentContext === undefined && typeof current === 'string' && current ? { currentContext: current } : {}),
    contexts: { ...entries(content['contexts'], 'context', file), ...config.contexts } as Kubeconfig['contexts'],
    clusters: { ...entries(content['clusters'], 'cluster', file, directory), ...config.clusters } as Kubeconfig['clusters'],
    users: { ...entries(content['users'], 'user', file, directory), ...config.users } as Kubeconfig['users'],
  };
}

/** `[{name, cluster: {…}}]` as a record. */
function entries(list: unknown, field: string, file: string, directory?: string): { readonly [name: string]: unknown } {
  if (list === undefined || list === null) return {};
  if (!Array.isArray(list)) throw new KubeconfigError(`${file}: ${field}s must be a list`);
  const found: { [name: string]: unknown } = {};
  for (const entry of list as readonly unknown[]) {
    if (!isRecord(entry) || typeof entry['name'] !== 'string') throw new KubeconfigError(`${file}: every entry of ${field}s needs a name`);
    const value = entry[field];
    found[entry['name']] ??= { ...(isRecord(value) ? value : {}), ...(directory ? { directory } : {}) };
  }
  return found;
}
