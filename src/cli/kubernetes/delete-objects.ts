import { isNotFound } from '../../apimachinery/index.ts';
import type { DeleteQuery } from '../../client/index.ts';
import { createScopedInformer } from '../../client/index.ts';
import { errorText } from '../../std/index.ts';
import type { OptionSpecs, Parsed } from '../arguments.ts';
import type { Connection, Context } from '../context.ts';
import { CliError, UsageError } from '../errors.ts';
import { secondsOption } from '../values.ts';
import { discover, findResource, type Resource, resourceOf } from './discovery.ts';
import { readManifestFiles } from './manifest-files.ts';
import { parseResourceWords } from './resource-words.ts';

export const OBJECT_DELETE_OPTIONS: OptionSpecs = {
  filename: { type: 'string', short: 'f', multiple: true, value: 'PATH', help: 'the objects of these manifests' },
  recursive: { type: 'boolean', short: 'R', help: 'with subdirectories' },
  selector: { type: 'string', short: 'l', value: 'LABELS', help: 'objects with these labels' },
  all: { type: 'boolean', help: 'all objects of the kind' },
  cascade: { type: 'string', value: 'background|foreground|orphan', help: 'what becomes of what they own' },
  'grace-period': { type: 'string', value: 'SECONDS', help: 'how long programs may take to end' },
  'ignore-not-found': { type: 'boolean', help: 'one that is not there is no failure' },
};

/** Whether a delete is meant for objects (kubectl's grammar) and not for apps: -f, or a kind as the first word. `deployment/x` names the object. */
export async function isObjectTarget(context: Context, args: Parsed): Promise<boolean> {
  if (args.texts('filename').length > 0 || args.text('selector') !== undefined || args.flag('all')) return true;
  const [first] = args.words;
  if (first === undefined || first === 'all') return false;
  if (args.words.length === 1 && !first.includes('/')) return false;
  const { transport } = await context.connect();
  return findResource(first.split('/')[0] ?? '', await discover(transport, context.signal)) !== undefined;
}

const CASCADE: { readonly [given: string]: 'Background' | 'Foreground' | 'Orphan' } = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
};

interface Target {
  readonly resource: Resource;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** Deletes objects and waits until they are gone. */
export async function deleteObjects(context: Context, args: Parsed): Promise<number> {
  const connection = await context.connect();
  const cascade = CASCADE[args.text('cascade') ?? 'background'];
  if (!cascade) throw new UsageError('--cascade: expected background, foreground or orphan');
  const grace = args.text('grace-period');
  const query: DeleteQuery = { propagationPolicy: cascade, signal: context.signal, ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }) };
  const targets = await findTargets(context, connection, args);
  const gone: Promise<boolean>[] = [];
  let failures = 0;
  const limitS = secondsOption(args, 'timeout', 60);
  for (const { resource, name, namespace } of targets) {
    try {
      await connection.client.dynamic(resource).delete(name, namespace, query);
      context.print(`${(resource.singular || resource.kind).toLowerCase()}${resource.group ? `.${resource.group}` : ''} "${name}" deleted`);
      if (!args.flag('no-wait')) gone.push(waitGone(context, connection, { resource, name, namespace }, limitS * 1_000));
    } catch (error) {
      if (!isNotFound(error) || !args.flag('ignore-not-found')) {
        failures++;
        context.io.stderr.write(`${context.paintError('red', 'error:')} ${errorText(error)}\n`);
      }
    }
  }
  if ((await Promise.all(gone)).includes(false))
    throw new CliError(`some objects were still there after ${limitS} s`, { hint: 'a finalizer or a program that takes long to end may hold them' });
  return failures > 0 ? 1 : 0;
}

async function findTargets(context: Context, connection: Connection, args: Parsed): Promise<readonly Target[]> {
  const resources = await discover(connection.transport, context.signal);
  const asked = args.text('namespace') ?? connection.namespace;
  const files = args.texts('filename');
  if (files.length > 0) {
    // The other way round than they were applied, so that a namespace goes after what is in it.
    return [...(await readManifestFiles(context.io, files, args.flag('recursive')))].reverse().map(({ object, file, line }) => {
      const resource = resourceOf(object, resources);
      if (!resource) throw new CliError(`${file}:${line}: no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
      return { resource, name: object.metadata.name ?? '', namespace: resource.namespaced ? (object.metadata.namespace ?? asked) : undefined };
    });
  }
  const targets: Target[] = [];
  for (const { resource, names } of parseResourceWords(args.words, resources)) {
    const namespace = resource.namespaced ? asked : undefined;
    const selector = args.text('selector');
    if (names.length === 0 && selector === undefined && !args.flag('all'))
      throw new UsageError(`name the ${resource.plural} to delete, or pass -l LABELS or --all`);
    const found =
      names.length > 0
        ? names
        : (
            await connection.client
              .dynamic(resource)
              .list({ signal: context.signal, ...(namespace ? { namespace } : {}), ...(selector ? { labelSelector: selector } : {}) })
          ).items.map(({ metadata }) => metadata.name ?? '');
    targets.push(...found.map((name) => ({ resource, name, namespace })));
  }
  return targets;
}

async function waitGone(context: Context, connection: Connection, target: Target, limitMs: number): Promise<boolean> {
  const scope = { fieldSelector: `metadata.name=${target.name}`, ...(target.namespace ? { namespace: target.namespace } : {}) };
  const informer = createScopedInformer(connection.client.dynamic(target.resource), scope, { clock: context.clock, onError: () => undefined });
  try {
    await informer.synced(context.signal);
    const uid = informer.get(target.name, target.namespace)?.metadata.uid;
    if (uid === undefined) return true;
    return await new Promise<boolean>((resolve, reject) => {
      const timer = context.clock.after(limitMs, () => resolve(false));
      informer.subscribe({
        deleted: (object) => {
          if (object.metadata.uid !== uid) return;
          timer.close();
          resolve(true);
        },
      });
      if (!informer.get(target.name, target.namespace)) resolve(true);
      context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
    });
  } finally {
    await informer.close();
  }
}
