import { methodNotAllowed, unknownResource } from '../../apimachinery/index.ts';
import type { AnyKind } from '../../kinds/index.ts';
import type { Answer } from '../request/answer.ts';
import type { Call } from '../request/call.ts';
import type { ResourceRequest } from '../request/request-info.ts';
import { notServed } from '../subresources/not-served.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { deleteCollection } from './delete-collection.ts';
import { get } from './get.ts';
import type { HandlerContext, VerbHandler } from './handler.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

/** One handler per verb: the same for every kind. */
const HANDLERS: { readonly [verb: string]: VerbHandler } = { create, get, list, watch, update, patch, delete: remove, deletecollection: deleteCollection };

/** Subresources that are the object itself, of which another part is written. */
const VIEWS = new Set(['status']);

export const isView = (subresource: string): boolean => VIEWS.has(subresource);

/** Finds the handler of a request for a kind. 404 for what is not served, 405 for verbs that it does not have. */
export async function dispatch(
  context: HandlerContext,
  call: Call,
  info: ResourceRequest,
  subresources: { readonly [name: string]: VerbHandler },
): Promise<Answer> {
  const resource = context.registry.resource(info.group, info.version, info.resource);
  const { kind } = resource;
  if (kind.namespaced ? info.name !== '' && info.namespace === '' : info.namespace !== '' && kind.plural !== 'namespaces') throw unknownResource();
  const handler = info.subresource === '' ? forVerb(kind, info, resource.subject) : forSubresource(kind, info, resource.subject, subresources);
  return handler(context, { ...call, info, resource });
}

function forVerb(kind: AnyKind, { verb }: ResourceRequest, subject: Parameters<typeof methodNotAllowed>[0]): VerbHandler {
  const handler = HANDLERS[verb];
  if (!handler || !kind.verbs.includes(verb)) throw methodNotAllowed(subject, verb);
  return handler;
}

function forSubresource(
  kind: AnyKind,
  { verb, subresource }: ResourceRequest,
  subject: Parameters<typeof methodNotAllowed>[0],
  subresources: { readonly [name: string]: VerbHandler },
): VerbHandler {
  const declared = kind.subresources.find(({ name }) => name === subresource);
  const handler = VIEWS.has(subresource) ? HANDLERS[verb] : subresources[subresource];
  if (!declared || !handler) throw notServed(kind.plural, subresource);
  if (!declared.verbs.includes(verb)) throw methodNotAllowed(subject, verb);
  return handler;
}
