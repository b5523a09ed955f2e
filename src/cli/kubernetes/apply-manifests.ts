import { type FieldError, type KubeObject, StatusError } from '../../apimachinery/index.ts';
import { type Located, nearest } from '../../formats/index.ts';
import { explain, kindOfObject } from '../../kinds/index.ts';
import type { Connection, Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type ApplyOptions, applyObject } from './apply-object.ts';
import { discover, objectTitle, type Resource, resourceOf } from './discovery.ts';

export interface ApplyRun extends Omit<ApplyOptions, 'write'> {
  readonly namespace: string | undefined;
  readonly dryRun: boolean;
  readonly fieldManager?: string;
  readonly validate: 'Strict' | 'Warn' | 'Ignore';
  /** Told of each object as it is done. */
  readonly done: (title: string, outcome: string, object: KubeObject, resource: Resource) => void;
}

/** Applies objects in order. One that fails does not keep the others; every failure is told with its place, and counted in the result. */
export async function applyManifests(
  context: Context,
  connection: Connection,
  manifests: readonly Located[],
  run: ApplyRun,
): Promise<{ readonly failures: number }> {
  const resources = await discover(connection.transport, context.signal);
  let failures = 0;
  for (const manifest of manifests) {
    const { object } = manifest;
    try {
      const resource = resourceOf(object, resources);
      if (!resource) throw new CliError(`no matches for kind "${object.kind}" in version "${object.apiVersion}"${otherVersions(object, resources)}`);
      if (!object.metadata.name)
        throw new CliError(`${object.kind}: metadata.name is missing${object.metadata.generateName ? ' (generateName works with create only)' : ''}`);
      const placed = inNamespace(object, resource, run.namespace, connection.namespace);
      const applied = await applyObject(connection.client, resource, placed, {
        mode: run.mode,
        force: run.force,
        write: {
          signal: context.signal,
          fieldManager: run.fieldManager ?? (run.mode === 'server-side' ? 'kubectl' : 'kubectl-client-side-apply'),
          fieldValidation: run.validate,
          onWarning: context.warn,
          ...(run.dryRun ? { dryRun: true } : {}),
        },
      });
      run.done(objectTitle(resource, object.metadata.name), applied.outcome, applied.object, resource);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof StatusError) && !(error instanceof CliError)) throw error;
      failures++;
      context.io.stderr.write(`${context.paintError('red', 'error:')} ${placed(manifest, error)}${await nearestFields(manifest.object, error)}\n`);
    }
  }
  return { failures };
}

/** The failure with the place in the file of the field that it is about. */
function placed(manifest: Located, error: StatusError | CliError): string {
  const causes: readonly { readonly field?: string }[] = error instanceof StatusError ? (error.status.details?.causes ?? []) : [];
  const field =
    causes[0]?.field ?? /(?:unknown|duplicate) field "([^"]+)"/.exec(error.message)?.[1] ?? /struct field \w+\.(\S+) of type/.exec(error.message)?.[1] ?? '';
  const namespace = missingNamespace(error);
  const place = manifest.place(namespace === undefined ? pathOf(field as FieldError['field']) : ['metadata', 'namespace']);
  const code = error instanceof StatusError ? ` (${error.reason})` : '';
  const hint = namespace === undefined ? '' : `\nadd a manifest of kind Namespace before it, or run: kubectl create namespace ${namespace}`;
  return `${place}: ${error.message}${code}${hint}`;
}

/** For each field that the server does not know, the one that was probably meant. */
async function nearestFields(object: KubeObject, error: StatusError | CliError): Promise<string> {
  const fields = [...error.message.matchAll(/unknown field "([^"]+)"/g)].map((match) => (match[1] ?? '').replace(/\[\d+\]/g, ''));
  const kind = fields.length > 0 ? kindOfObject(object) : undefined;
  if (!kind) return '';
  let hints = '';
  for (const field of new Set(fields)) {
    const end = field.lastIndexOf('.');
    const known = (await explain(kind, field.slice(0, Math.max(0, end))))?.fields.map(({ name }) => name) ?? [];
    const near = nearest(field.slice(end + 1), known);
    if (near) hints += `\n${field}: did you mean ${near}?`;
  }
  return hints;
}

const missingNamespace = (error: StatusError | CliError): string | undefined =>
  error instanceof StatusError && error.reason === 'NotFound' && error.status.details?.kind === 'namespaces' ? error.status.details.name : undefined;

/** `spec.containers[0].name` as steps. */
const pathOf = (field: string): readonly (string | number)[] =>
  [...field.matchAll(/\[(\d+)\]|\[([^\]]*)\]|([^.[\]]+)/g)].map((match) => (match[1] === undefined ? (match[2] ?? match[3] ?? '') : Number(match[1])));

function inNamespace(object: KubeObject, resource: Resource, asked: string | undefined, fallback: string): KubeObject {
  if (!resource.namespaced) return object;
  const own = object.metadata.namespace;
  if (asked !== undefined && own !== undefined && own !== asked) {
    throw new CliError(
      `the namespace from the provided object "${own}" does not match the namespace "${asked}". You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return own === undefined ? { ...object, metadata: { ...object.metadata, namespace: asked ?? fallback } } : object;
}

function otherVersions(object: KubeObject, resources: readonly Resource[]): string {
  const others = resources.filter(({ kind }) => kind === object.kind).map(({ group, version }) => (group ? `${group}/${version}` : version));
  return others.length > 0 ? `; this server has it in ${others.join(', ')}` : '';
}
