import { createScopedInformer } from '../../client/index.ts';
import type { Pod } from '../../kinds/index.ts';
import { Closer } from '../../std/index.ts';
import type { Connection, Context } from '../context.ts';
import { known } from '../refs.ts';

/** Waits until none of the pods is left; false when the limit passed first. */
export async function waitForGone(context: Context, connection: Connection, pods: readonly Pod[], limitMs: number): Promise<boolean> {
  if (pods.length === 0) return true;
  const uids = new Set(pods.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(pods.map(({ metadata }) => metadata.namespace));
  const query = namespaces.size === 1 ? { namespace: [...namespaces][0] ?? '' } : {};
  const closer = new Closer();
  try {
    const informer = closer.add(createScopedInformer(known(connection.client, 'pods'), query, { clock: context.clock, onError: () => undefined }));
    await informer.synced(context.signal);
    return await new Promise<boolean>((resolve, reject) => {
      const check = (): void => {
        if (!informer.list().some(({ metadata }) => uids.has(metadata.uid))) resolve(true);
      };
      closer.add(context.clock.after(limitMs, () => resolve(false)));
      closer.add(informer.subscribe({ deleted: check }));
      context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
      check();
    });
  } finally {
    await closer.close();
  }
}
