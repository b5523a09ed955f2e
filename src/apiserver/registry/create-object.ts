import { alreadyExists, badRequest, invalid, type KubeObject, serviceUnavailable } from '../../apimachinery/index.ts';
import { rfc3339 } from '../../std/index.ts';
import { CasError, type StoredObject } from '../../storage/index.ts';
import { admit } from '../admission/plugin.ts';
import { checkNew } from './check-object.ts';
import { generateName } from './generated-name.ts';
import type { Registry } from './registry.ts';
import type { Resource } from './resource.ts';
import type { WriteOptions } from './write-options.ts';

export interface CreateOptions extends WriteOptions {
  readonly namespace: string;
  readonly warn: (text: string) => void;
  /** Gives the object its managedFields once it is complete; left out for objects whose fields are owned already. */
  readonly track: (object: KubeObject) => KubeObject;
}

/** How often a generated name that is taken is tried anew. */
const NAME_ATTEMPTS = 8;

/** What became of a write; `stored` is missing for a dry run. */
export interface Written {
  readonly object: KubeObject;
  readonly stored?: StoredObject;
}

/**
 * Stores a new object:
 *   metadata ─ defaults ─ managed fields ─ prepare ─ admission (reserves addresses) ─ validation ─ store
 * Nothing is reserved or stored when a step fails.
 */
export async function createObject(registry: Registry, resource: Resource, given: KubeObject, options: CreateOptions): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const complete = withSystemMetadata(registry, resource, given, options.namespace);
    try {
      return await createOnce(registry, resource, complete, options);
    } catch (error) {
      const generated = !given.metadata.name && given.metadata.generateName;
      if (!(error instanceof CasError)) throw error;
      if (!generated) throw alreadyExists(resource.subject, complete.metadata.name ?? '');
      if (attempt === NAME_ATTEMPTS)
        throw serviceUnavailable(`the server was not able to generate a unique name for the object: ${complete.metadata.name} is taken`);
    }
  }
}

async function createOnce(registry: Registry, resource: Resource, complete: KubeObject, options: CreateOptions): Promise<Written> {
  const { kind } = resource;
  const { strategy } = kind;
  const nowMs = registry.clock.now();
  const defaulted: KubeObject = strategy.defaults?.(complete) ?? complete;
  const prepared: KubeObject = strategy.prepareForCreate?.(defaulted, { nowMs }) ?? defaulted;
  const tracked = owned(prepared, options.track(withoutStatus(defaulted)));
  const admission = admit(registry.admission, {
    operation: 'create',
    kind,
    namespace: options.namespace,
    subresource: '',
    object: tracked,
    old: undefined,
    dryRun: options.dryRun,
  });
  try {
    checkNew(kind, admission.object, options.warn);
    const { namespace = '', name = '' } = admission.object.metadata;
    if (options.dryRun) {
      const taken = resource.get(namespace, name);
      if (taken) throw new CasError(taken.key, taken);
      admission.undo();
      return { object: admission.object };
    }
    const stored = await resource.create(admission.object);
    admission.done();
    return { object: stored.object, stored };
  } catch (error) {
    admission.undo();
    throw error;
  }
}

/** What the system adds while preparing (tolerations, priorities) belongs to nobody, so a later apply without it does not take it away. */
function owned(prepared: KubeObject, tracked: KubeObject): KubeObject {
  const { managedFields } = tracked.metadata;
  return managedFields ? { ...prepared, metadata: { ...prepared.metadata, managedFields } } : prepared;
}

function withoutStatus(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { readonly status?: unknown };
  return rest;
}

/** The object with what only the server decides; what a client sent for those fields is dropped. */
function withSystemMetadata(registry: Registry, resource: Resource, given: KubeObject, namespace: string): KubeObject {
  const { kind } = resource;
  const { uid: _uid, selfLink: _link, deletionTimestamp: _deleted, deletionGracePeriodSeconds: _grace, ...metadata } = given.metadata;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const { resourceVersion: _version, generation: _generation, namespace: _namespace, creationTimestamp: _created, ...rest } = metadata;
  checkNamespace(given, namespace, kind.namespaced);
  const name = rest.name || (rest.generateName ? generateName(rest.generateName, registry.randomness) : '');
  if (!name)
    throw invalid(kind.group, kind.kind, '', [
      { type: 'FieldValueRequired', field: 'metadata.name', detail: 'Required value: name or generateName is required' },
    ]);
  return {
    ...given,
    metadata: {
      ...rest,
      name,
      ...(kind.namespaced ? { namespace } : {}),
      uid: registry.randomness.uuid(),
      creationTimestamp: rfc3339(registry.clock.now()),
      ...(kind.strategy.generation ? { generation: 1 } : {}),
    },
  };
}

/** The body's namespace, when it has one, is the path's. */
export function checkNamespace(given: KubeObject, namespace: string, namespaced: boolean): void {
  const inBody = given.metadata.namespace;
  if (!inBody) {
    if (namespaced && !namespace) throw badRequest('an empty namespace may not be set during creation');
    return;
  }
  if (!namespaced) throw badRequest('namespace may not be set on an object of a kind without namespaces');
  if (inBody !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}
