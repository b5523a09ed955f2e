import { deleteObject } from '../registry/delete-object.ts';
import { deleteOptionsOf } from '../registry/delete-options.ts';
import { representObject, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { objectAnswer } from '../request/answer.ts';
import type { VerbHandler } from './handler.ts';

/** One object. Answers with the object while it ends, and with a Status once it is gone (kinds that end gracefully: with the object). */
export const remove: VerbHandler = async ({ registry }, call) => {
  const { resource, info } = call;
  const { kind } = resource;
  const view = viewOf(call.query, negotiate(call.headers['accept']), registry.clock.now());
  const options = await deleteOptionsOf(call, registry.definitions);
  const { object, gone } = await deleteObject(registry, resource, kind.namespaced ? info.namespace : '', info.name, options);
  if (!gone || kind.strategy.gracefulDelete) return representObject(resource, object, view);
  const details = {
    name: info.name,
    ...(kind.group ? { group: kind.group } : {}),
    kind: kind.plural,
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
  };
  return objectAnswer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
};
