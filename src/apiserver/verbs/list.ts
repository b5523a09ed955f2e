import { badRequest, expired, type ListMeta, StatusError } from '../../apimachinery/index.ts';
import { CompactedError, type ListPage, type StoredObject } from '../../storage/index.ts';
import type { Resource } from '../registry/resource.ts';
import { type Selection, selectionOf } from '../registry/selection.ts';
import { representList, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import { readContinueToken, writeContinueToken } from './continue-token.ts';
import type { VerbHandler } from './handler.ts';
import { checkListParameters, requireKnownRevision, revisionParameter } from './revisions.ts';

export interface Page {
  readonly items: readonly StoredObject[];
  readonly metadata: ListMeta;
}

/** Objects of one namespace or all, as of one revision, in pages when asked. */
export const list: VerbHandler = async ({ registry }, { resource, info, query, headers }) => {
  const view = viewOf(query, negotiate(headers['accept']), registry.clock.now());
  checkListParameters(query, false);
  const { items, metadata } = pageOf(resource, info.namespace, query, selectionOf(resource.kind, query, info.name));
  return representList(resource, items, metadata, view);
};

/** The page that the query asks for. Throws 400, 410 and 504 as Kubernetes does. */
export function pageOf(resource: Resource, namespace: string, query: URLSearchParams, selection: Selection): Page {
  const limit = limitParameter(query);
  const token = query.get('continue');
  const asked = revisionParameter(query);
  if (token) {
    if (asked) throw badRequest('specifying resource version is not allowed when using continue');
    const { revision, after } = readContinueToken(token);
    return collect(resource, namespace, selection, { limit, after, revision: revision === -1 ? undefined : revision });
  }
  requireKnownRevision(asked ?? 0, resource.revision);
  const exact = query.get('resourceVersionMatch') === 'Exact' || (asked !== undefined && asked > 0 && limit > 0 && query.get('resourceVersionMatch') === null);
  return collect(resource, namespace, selection, { limit, after: undefined, revision: exact ? asked : undefined });
}

interface Start {
  readonly limit: number;
  readonly after: string | undefined;
  readonly revision: number | undefined;
}

function collect(resource: Resource, namespace: string, selection: Selection, start: Start): Page {
  const { limit } = start;
  if (selection.everything) {
    const page = read(resource, namespace, start, limit);
    return { items: page.items, metadata: metadataOf(page.revision, page.more ? page.items.at(-1) : undefined, page.remaining) };
  }
  // Pages are read until enough objects match; the rest of a page that is not wanted is read again by the next request.
  const items: StoredObject[] = [];
  const chunk = limit === 0 ? 0 : Math.max(limit, 500);
  let { after, revision } = start;
  for (;;) {
    const page = read(resource, namespace, { ...start, after, revision }, chunk);
    revision = page.revision;
    for (const [index, item] of page.items.entries()) {
      if (!selection.matches(item.object)) continue;
      items.push(item);
      if (limit > 0 && items.length === limit && (page.more || index < page.items.length - 1)) return { items, metadata: metadataOf(revision, item) };
    }
    after = page.items.at(-1)?.key;
    if (!page.more) return { items, metadata: metadataOf(revision) };
  }
}

function metadataOf(revision: number, last?: StoredObject, remaining?: number): ListMeta {
  return {
    resourceVersion: String(revision),
    ...(last ? { continue: writeContinueToken({ revision, after: last.key }), ...(remaining === undefined ? {} : { remainingItemCount: remaining }) } : {}),
  };
}

function read(resource: Resource, namespace: string, start: Start, limit: number): ListPage {
  try {
    return resource.list(namespace, {
      ...(limit > 0 ? { limit } : {}),
      ...(start.after === undefined ? {} : { after: start.after }),
      ...(start.revision === undefined ? {} : { revision: start.revision }),
    });
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw start.after === undefined ? expired(`The resourceVersion for the provided list is too old.`) : staleToken(start.after);
  }
}

/** The snapshot is gone; a token that goes on without one is offered, as Kubernetes does. */
function staleToken(after: string): StatusError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the ' +
      'continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects ' +
      'that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  return StatusError.from({ ...error.status, metadata: { continue: writeContinueToken({ revision: -1, after }) } });
}

function limitParameter(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null || text === '') return 0;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, Number(text));
}
