import { representStored, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import type { VerbHandler } from './handler.ts';
import { requireKnownRevision, revisionParameter } from './revisions.ts';

/** One object as it is now. */
export const get: VerbHandler = async ({ registry }, { resource, info, query, headers }) => {
  const view = viewOf(query, negotiate(headers['accept']), registry.clock.now());
  requireKnownRevision(revisionParameter(query) ?? 0, resource.revision);
  return representStored(resource, resource.require(info.namespace, info.name), view);
};
