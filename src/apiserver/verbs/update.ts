import { badRequest } from '../../apimachinery/index.ts';
import { trackerFor } from '../registry/field-ownership.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { representObject, representStored, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { readObject } from '../request/body.ts';
import type { VerbHandler } from './handler.ts';

/** Replaces an object, or its status. */
export const update: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  const view = viewOf(call.query, negotiate(call.headers['accept']), registry.clock.now());
  const options = writeOptionsOf(call);
  const given = await readObject(call, resource.kind, registry.definitions);
  if (!given.metadata.name) throw badRequest(`the name of the object (based on the body) was empty: expected ${info.name}`);
  const written = await updateObject(registry, resource, {
    ...options,
    namespace: resource.kind.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    warn: call.warn,
    change: () => given,
    track: trackerFor(registry, resource, options.manager, info.subresource),
  });
  return written.stored ? representStored(resource, written.stored, view) : representObject(resource, written.object, view);
};
