import { methodNotAllowed } from '../../apimachinery/index.ts';
import { createObject } from '../registry/create-object.ts';
import { trackerFor } from '../registry/field-ownership.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { representObject, representStored, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { readObject } from '../request/body.ts';
import type { VerbHandler } from './handler.ts';

/** A new object from the body. */
export const create: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  if (info.name !== '') throw methodNotAllowed(resource.subject, 'create');
  const view = viewOf(call.query, negotiate(call.headers['accept']), registry.clock.now());
  const options = writeOptionsOf(call);
  const given = await readObject(call, resource.kind, registry.definitions);
  const tracker = trackerFor(registry, resource, options.manager, '');
  const written = await createObject(registry, resource, given, {
    ...options,
    namespace: resource.kind.namespaced ? info.namespace : '',
    warn: call.warn,
    track: (object) => tracker(object, undefined),
  });
  return written.stored ? representStored(resource, written.stored, view, 201) : representObject(resource, written.object, view, 201);
};
