import { badRequest, type KubeObject, type ListMeta, notAcceptable } from '../../apimachinery/index.ts';
import type { StoredObject } from '../../storage/index.ts';
import type { Resource } from '../registry/resource.ts';
import type { Representation } from '../request/accept.ts';
import type { ObjectAnswer } from '../request/answer.ts';
import { partialMetadata } from './partial-metadata.ts';
import { type Columns, type IncludeObject, tableOf } from './table.ts';

/** Everything but the data that decides what an answer looks like. */
export interface View {
  readonly representation: Representation;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** The view that a request asks for. Throws 400 for an includeObject that does not exist. */
export function viewOf(query: URLSearchParams, representation: Representation, nowMs: number): View {
  const include = query.get('includeObject') || 'Metadata';
  if (include !== 'None' && include !== 'Metadata' && include !== 'Object') throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  return { representation, includeObject: include, nowMs };
}

/** One stored object. */
export function representStored(resource: Resource, item: StoredObject, view: View, status = 200): ObjectAnswer {
  if (view.representation.as === 'object') return { type: 'object', status, object: item.object, json: () => [item.json()] };
  return { type: 'object', status, object: transformed(resource, item.object, view) };
}

/** One object that is not in the store as it is (dry runs, deletions). */
export const representObject = (resource: Resource, object: KubeObject, view: View, status = 200): ObjectAnswer => ({
  type: 'object',
  status,
  object: view.representation.as === 'object' ? object : transformed(resource, object, view),
});

/** An object as a table of one row or as its metadata. */
export const transformed = (resource: Resource, object: KubeObject, view: View, columns = true): object => reshaped(resource.kind, object, view, columns);

/** One object that is not of a kind of its own, as it is asked for. */
export const viewed = (table: Columns, object: KubeObject, view: View): object =>
  view.representation.as === 'object' ? object : reshaped(table, object, view, true);

function reshaped(table: Columns, object: KubeObject, view: View, columns: boolean): object {
  const { as, asVersion } = view.representation;
  if (as === 'PartialObjectMetadataList') throw notAcceptable('you requested PartialObjectMetadataList, but the requested object is not a list');
  if (as === 'PartialObjectMetadata') return partialMetadata(object, asVersion);
  const { resourceVersion } = object.metadata;
  const options = { version: asVersion, includeObject: view.includeObject, nowMs: view.nowMs, columns };
  return tableOf(table, [object], resourceVersion ? { resourceVersion } : {}, options);
}

const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']}\n');

/** A list. Its JSON is joined from what each object was serialised to once: never serialised again. */
export function representList(resource: Resource, items: readonly StoredObject[], metadata: ListMeta, view: View): ObjectAnswer {
  const { as, asVersion } = view.representation;
  const objects = items.map((item) => item.object);
  switch (as) {
    case 'Table': {
      const options = { version: asVersion, includeObject: view.includeObject, nowMs: view.nowMs, columns: true };
      return { type: 'object', status: 200, object: tableOf(resource.kind, objects, metadata, options) };
    }
    case 'PartialObjectMetadata':
      throw notAcceptable('you requested PartialObjectMetadata, but the requested object is a list (PartialObjectMetadataList)');
    case 'PartialObjectMetadataList': {
      const kind = 'PartialObjectMetadataList';
      const partial = objects.map((object) => partialMetadata(object, asVersion));
      return { type: 'object', status: 200, object: { kind, apiVersion: `meta.k8s.io/${asVersion}`, metadata, items: partial } };
    }
    case 'object': {
      const head = { kind: `${resource.kind.kind}List`, apiVersion: resource.apiVersion, metadata };
      return { type: 'object', status: 200, object: { ...head, items: objects }, json: () => joined(head, items) };
    }
  }
}

function joined(head: object, items: readonly StoredObject[]): readonly Buffer[] {
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  items.forEach((item, index) => {
    if (index > 0) parts.push(COMMA);
    parts.push(item.json());
  });
  parts.push(LIST_END);
  return parts;
}
