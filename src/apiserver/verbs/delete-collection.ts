import { isNotFound } from '../../apimachinery/index.ts';
import { deleteObject } from '../registry/delete-object.ts';
import { deleteOptionsOf } from '../registry/delete-options.ts';
import { selectionOf } from '../registry/selection.ts';
import { objectAnswer } from '../request/answer.ts';
import type { VerbHandler } from './handler.ts';
import { pageOf } from './list.ts';
import { checkListParameters } from './revisions.ts';

/** How many deletions wait for the store at a time. */
const CONCURRENCY = 50;

/** Everything that the query selects, as it was when the request came. */
export const deleteCollection: VerbHandler = async ({ registry }, call) => {
  const { resource, info, query } = call;
  const options = await deleteOptionsOf(call, registry.definitions);
  checkListParameters(query, false);
  const { items, metadata } = pageOf(resource, info.namespace, query, selectionOf(resource.kind, query, ''));
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    await Promise.all(
      items.slice(start, start + CONCURRENCY).map(({ object }) =>
        deleteObject(registry, resource, object.metadata.namespace ?? '', object.metadata.name ?? '', options).catch((error: unknown) => {
          // Somebody else was faster: it is gone, as was asked.
          if (!isNotFound(error)) throw error;
        }),
      ),
    );
  }
  const list = { kind: `${resource.kind.kind}List`, apiVersion: resource.apiVersion, metadata, items: items.map(({ object }) => object) };
  return objectAnswer(200, list);
};
