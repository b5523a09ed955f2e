import { applyConflict, applyServerSide, badRequest, type FieldError, invalid, type KubeObject, unsupportedMediaType } from '../../apimachinery/index.ts';
import { CasError } from '../../storage/index.ts';
import { checkNamespace, createObject } from '../registry/create-object.ts';
import { asOwned } from '../registry/field-ownership.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { representObject, representStored, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { readObject } from '../request/body.ts';
import { queryFlag } from '../request/call.ts';
import type { ResourceCall, VerbHandler } from './handler.ts';

/** Server-side apply: the body is what its manager wants; the object is created when it is not there. */
export const apply: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  const { kind } = resource;
  if (!call.query.get('fieldManager')) {
    const errors: readonly FieldError[] = [{ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' }];
    throw invalid('meta.k8s.io', 'PatchOptions', '', errors);
  }
  if (kind.storedAs)
    throw unsupportedMediaType(`server-side apply of ${kind.plural}.${kind.group} is not served: its objects are stored in another group; apply them there`);
  const view = viewOf(call.query, negotiate(call.headers['accept']), registry.clock.now());
  const options = writeOptionsOf(call);
  const applied = named(await readObject(call, kind, registry.definitions), call);
  const { resourceVersion } = applied.metadata;
  const merged = (live: KubeObject | undefined): KubeObject => {
    const result = applyServerSide({
      definitions: registry.definitions,
      schema: kind.schema,
      live,
      applied,
      manager: options.manager,
      force: queryFlag(call.query, 'force'),
      apiVersion: resource.apiVersion,
      subresource: info.subresource,
      nowMs: registry.clock.now(),
    });
    if ('conflicts' in result) throw applyConflict(result.conflicts);
    return result.object;
  };
  const namespace = kind.namespaced ? info.namespace : '';
  for (;;) {
    if (!resource.get(namespace, info.name)) {
      if (info.subresource !== '') throw resource.notFound(info.name);
      if (resourceVersion) throw resource.notFound(info.name);
      try {
        const created = await createObject(registry, resource, merged(undefined), {
          ...options,
          namespace,
          warn: call.warn,
          track: (object) => asOwned(object, undefined),
        });
        return created.stored ? representStored(resource, created.stored, view, 201) : representObject(resource, created.object, view, 201);
      } catch (error) {
        // Somebody else created it in between: apply to theirs.
        if (!isTaken(error) || !resource.get(namespace, info.name)) throw error;
        continue;
      }
    }
    const written = await updateObject(registry, resource, {
      ...options,
      namespace,
      name: info.name,
      subresource: info.subresource,
      warn: call.warn,
      change: (live) => {
        const next = merged(live);
        const { resourceVersion: _, ...metadata } = next.metadata;
        return { ...next, metadata: { ...metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
      },
      track: asOwned,
    });
    return written.stored ? representStored(resource, written.stored, view) : representObject(resource, written.object, view);
  }
};

const isTaken = (error: unknown): boolean => error instanceof CasError || (error instanceof Error && 'reason' in error && error.reason === 'AlreadyExists');

/** The applied configuration with the name and namespace of the path. */
function named(applied: KubeObject, { info, resource }: ResourceCall): KubeObject {
  const { metadata } = applied;
  if (metadata.managedFields && metadata.managedFields.length > 0) throw badRequest('metadata.managedFields must be nil');
  if (metadata.name && metadata.name !== info.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`);
  }
  checkNamespace(applied, info.namespace, resource.kind.namespaced);
  return { ...applied, metadata: { ...metadata, name: info.name, ...(resource.kind.namespaced ? { namespace: info.namespace } : {}) } };
}
