import { trackerFor } from '../registry/field-ownership.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeOptionsOf } from '../registry/write-options.ts';
import { objectAnswer } from '../request/answer.ts';
import { readObject } from '../request/body.ts';
import type { VerbHandler } from '../verbs/handler.ts';
import { valueAt, withValueAt } from './paths.ts';

const FINALIZERS = '.spec.finalizers';

/** Changes the finalizers in a spec, which an ordinary update may not; removing the last one lets a namespace go. */
export const finalize: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  const options = writeOptionsOf(call);
  const given = await readObject(call, resource.kind, registry.definitions);
  const written = await updateObject(registry, resource, {
    ...options,
    namespace: '',
    name: info.name,
    subresource: 'finalize',
    warn: call.warn,
    change: (live) => {
      const { resourceVersion: _, ...metadata } = live.metadata;
      const { resourceVersion } = given.metadata;
      const pinned = { ...live, metadata: { ...metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
      return withValueAt(pinned, FINALIZERS, valueAt(given, FINALIZERS) ?? []);
    },
    track: trackerFor(registry, resource, options.manager, 'finalize'),
  });
  return objectAnswer(200, written.object);
};
