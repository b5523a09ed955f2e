import { badRequest, expired, internalError, type KubeObject } from '../../apimachinery/index.ts';
import { CompactedError, type StoredObject, type StoreEvent, type StoreWatch } from '../../storage/index.ts';
import { selectionOf } from '../registry/selection.ts';
import { transformed, type View, viewOf } from '../representation/represent.ts';
import { negotiate } from '../request/accept.ts';
import type { WatchFrame } from '../request/answer.ts';
import { queryFlag } from '../request/call.ts';
import type { HandlerContext, ResourceCall, VerbHandler } from './handler.ts';
import { pageOf } from './list.ts';
import { checkListParameters, requireKnownRevision, revisionParameter } from './revisions.ts';
import { errorFrame, frameOf } from './watch-frames.ts';
import { watchLoop } from './watch-loop.ts';

/** Kubernetes ends a watch after 30 to 60 minutes, so that clients spread over servers and connections do not live for ever. */
const MIN_TIMEOUT_SECONDS = 1800;

/** Changes from a revision on, or from now on after what there is. */
export const watch: VerbHandler = async (context, call) => {
  const { resource, info, query, headers } = call;
  const { clock, randomness } = context.registry;
  const view = viewOf(query, negotiate(headers['accept']), clock.now());
  checkListParameters(query, true);
  const selection = selectionOf(resource.kind, query, info.name);
  const asked = revisionParameter(query);
  requireKnownRevision(asked ?? 0, resource.revision);
  const wantsInitial = query.get('sendInitialEvents') === null ? asked === undefined || asked === 0 : queryFlag(query, 'sendInitialEvents');
  // Nothing is awaited between the list and the watch: no event is lost or seen twice.
  const initial = wantsInitial ? pageOf(resource, info.namespace, new URLSearchParams(), selection).items : [];
  const listedAt = resource.revision;
  const opened = open(call, wantsInitial || !asked ? listedAt : asked);
  const toFrame = framer(context, call, view);
  const timeoutSeconds =
    timeoutParameter(query) ?? (call.credentials.type === 'in-process' ? undefined : MIN_TIMEOUT_SECONDS + randomness.below(MIN_TIMEOUT_SECONDS));
  const frames = watchLoop({
    clock,
    signal: call.signal,
    initial: () => initialFrames(initial, listedAt),
    opened,
    toFrames: (event) => changed(event),
    bookmark: queryFlag(query, 'allowWatchBookmarks') ? () => bookmark(resource.revision) : undefined,
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
  });
  return { type: 'watch', frames };

  function* initialFrames(items: readonly StoredObject[], revision: number): Iterable<WatchFrame> {
    for (const item of items) yield toFrame('ADDED', item);
    if (query.get('sendInitialEvents') !== null && queryFlag(query, 'sendInitialEvents') && queryFlag(query, 'allowWatchBookmarks')) {
      yield bookmark(revision, { 'k8s.io/initial-events-end': 'true' });
    }
  }

  function changed(stored: StoreEvent): WatchFrame | undefined {
    const { type, current, previous } = resource.event(stored);
    if (selection.everything) return toFrame(type, current);
    const before = previous !== undefined && selection.matches(previous.object);
    if (type === 'DELETED') return before ? toFrame('DELETED', current) : undefined;
    const now = selection.matches(current.object);
    if (now) return toFrame(before ? 'MODIFIED' : 'ADDED', current);
    return before ? frameOf({ type: 'DELETED', object: shown(leaving(previous, current), view, false) }) : undefined;
  }

  function shown(object: KubeObject, as: View, columns: boolean): KubeObject {
    return as.representation.as === 'object' ? object : (transformed(resource, object, as, columns) as KubeObject);
  }

  function bookmark(revision: number, annotations?: { readonly [key: string]: string }): WatchFrame {
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(annotations ? { annotations } : {}) };
    if (view.representation.as === 'Table') {
      const table = { kind: 'Table', apiVersion: `meta.k8s.io/${view.representation.asVersion}`, metadata: { resourceVersion: String(revision) } };
      const rows = annotations ? [{ cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } }] : [];
      return frameOf({ type: 'BOOKMARK', object: { ...table, columnDefinitions: null, rows } as unknown as KubeObject });
    }
    const partial = view.representation.as === 'PartialObjectMetadata';
    const head = partial ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } : { kind: resource.kind.kind, apiVersion: resource.apiVersion };
    return frameOf({ type: 'BOOKMARK', object: { ...head, metadata } as unknown as KubeObject });
  }
};

/** An object that no longer matches leaves as it was, with the revision of the change. */
const leaving = (previous: StoredObject, current: StoredObject): KubeObject => {
  const { resourceVersion } = current.object.metadata;
  return { ...previous.object, metadata: { ...previous.object.metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
};

/** Frames of stored objects in the wanted form. Plain ones are shared by all watchers; a Table names its columns in its first frame. */
function framer({ frames, registry }: HandlerContext, { resource }: ResourceCall, view: View) {
  if (view.representation.as === 'object') return (type: StoreEvent['type'], item: StoredObject): WatchFrame => frames.of(type, item);
  let first = true;
  return (type: StoreEvent['type'], item: StoredObject): WatchFrame => {
    const object = transformed(resource, item.object, { ...view, nowMs: registry.clock.now() }, first) as KubeObject;
    first = false;
    return frameOf({ type, object });
  };
}

/** The store's watch, or the frame that says why there is none: clients of a watch expect 410 as an event. */
function open({ resource, info }: ResourceCall, since: number): StoreWatch | WatchFrame {
  try {
    return resource.watch(info.namespace, since);
  } catch (error) {
    if (error instanceof CompactedError) return errorFrame(expired(error.message).status);
    throw internalError('opening the watch failed', error);
  }
}

function timeoutParameter(query: URLSearchParams): number | undefined {
  const text = query.get('timeoutSeconds');
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text) || undefined;
}
