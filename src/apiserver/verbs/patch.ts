import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  isMap,
  type KubeObject,
  unsupportedMediaType,
} from '../../apimachinery/index.ts';
import { trackerFor } from '../registry/field-ownership.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { representObject, representStored, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { checkObject, fieldValidationOf, readValue } from '../request/body.ts';
import { apply } from './apply.ts';
import type { ResourceCall, VerbHandler } from './handler.ts';

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

export type PatchMedia = (typeof PATCH_TYPES)[number];

/** The kind of patch that the content type names. Throws 415. */
export function patchMediaOf(call: ResourceCall): PatchMedia {
  const media = (call.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const known = PATCH_TYPES.find((type) => type === media);
  if (!known) {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${PATCH_TYPES.join(', ')}`);
  }
  return known;
}

/** Changes an object by a patch of any of the four kinds. */
export const patch: VerbHandler = async (context, call) => {
  const media = patchMediaOf(call);
  if (media === 'application/apply-patch+yaml') return apply(context, call);
  const { registry } = context;
  const { resource, info } = call;
  if (call.query.get('force') !== null) throw badRequest('PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch');
  const view = viewOf(call.query, negotiate(call.headers['accept']), registry.clock.now());
  const options = writeOptionsOf(call);
  const validation = fieldValidationOf(call);
  const raw = await readValue(call, registry.definitions);
  if (!raw) throw badRequest('error decoding patch: the request body is empty');
  const written = await updateObject(registry, resource, {
    ...options,
    namespace: resource.kind.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    warn: call.warn,
    change: (live) => {
      const value = patched(media, live, raw.value, resource.kind.schema, registry.definitions);
      const object = checkObject({ value, duplicates: raw.duplicates }, resource.kind, registry.definitions, validation, call.warn);
      // Only a patch that names a resourceVersion insists on it; the one it was applied to is always the newest.
      return object.metadata.resourceVersion === live.metadata.resourceVersion && !namesRevision(raw.value) ? withoutRevision(object) : object;
    },
    track: trackerFor(registry, resource, options.manager, info.subresource),
  });
  return written.stored ? representStored(resource, written.stored, view) : representObject(resource, written.object, view);
};

function patched(media: PatchMedia, live: KubeObject, body: unknown, schema: string, definitions: Parameters<typeof applyStrategicMergePatch>[0]): unknown {
  switch (media) {
    case 'application/json-patch+json':
      return applyJsonPatch(live, body);
    case 'application/merge-patch+json':
      if (!isMap(body)) throw badRequest('error decoding patch: a merge patch is an object');
      return applyMergePatch(live, body);
    case 'application/strategic-merge-patch+json':
    case 'application/apply-patch+yaml':
      return applyStrategicMergePatch(definitions, schema, { ...live }, body);
  }
}

function namesRevision(body: unknown): boolean {
  if (Array.isArray(body)) return body.some((operation: unknown) => isMap(operation) && operation['path'] === '/metadata/resourceVersion');
  return isMap(body) && isMap(body['metadata']) && body['metadata']['resourceVersion'] !== undefined;
}

function withoutRevision(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
