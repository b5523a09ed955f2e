import { isNotFound } from '../../apimachinery/index.ts';
import type { Indexes, ResourceClient } from '../../client/index.ts';
import type { EndpointSlice } from '../../kinds/index.ts';
import { inParallel } from '../batches.ts';
import type { FreshView } from '../fresh-view.ts';
import { MANAGED_BY, SERVICE_NAME, type SlicesPlan } from './reconcile.ts';

/** Finds slices by `<namespace>/<service> <manager>`. */
export const SLICE_INDEX = 'controllers/slices-of-service';

export const slicesOf = (serviceKey: string, manager: string): string => `${serviceKey} ${manager}`;

export const BY_SERVICE: Indexes<EndpointSlice> = {
  [SLICE_INDEX]: ({ metadata: { namespace, labels } }) => [slicesOf(`${namespace}/${labels?.[SERVICE_NAME] ?? ''}`, labels?.[MANAGED_BY] ?? '')],
};

/** The key of the service that a slice of this manager belongs to. */
export const serviceKeyOf = (slice: EndpointSlice, manager: string): string | undefined => {
  const { namespace, labels } = slice.metadata;
  return labels?.[MANAGED_BY] === manager && labels[SERVICE_NAME] ? `${namespace}/${labels[SERVICE_NAME]}` : undefined;
};

/** Makes the plan's writes: updates and creations before deletions, so that no endpoint is missing in between. */
export async function writeSlices(plan: SlicesPlan, client: ResourceClient<EndpointSlice>, view: FreshView<EndpointSlice>): Promise<void> {
  const updates = await inParallel(plan.update.length, async (index) => view.wrote(await client.update(plan.update[index]!)), 10);
  if (updates.failure !== undefined) throw updates.failure;
  const creations = await inParallel(plan.create.length, async (index) => view.wrote(await client.create(plan.create[index]!)), 10);
  if (creations.failure !== undefined) throw creations.failure;
  for (const slice of plan.delete) {
    try {
      await client.delete(slice.metadata.name ?? '', slice.metadata.namespace);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    view.removed(slice);
  }
}
