import { setMaxListeners } from 'node:events';
import type { KubeObject } from '../apimachinery/index.ts';
import type { Clock, Closable } from '../std/index.ts';
import type { Informer, ListQuery, ResourceClient } from './contract.ts';
import { CachedInformer } from './informer.ts';
import { reflect } from './reflector.ts';

export interface ScopedInformerOptions {
  readonly clock: Clock;
  /** For jitter; default Math.random. */
  readonly random?: () => number;
  /** Told of failed lists and watches; work goes on. */
  readonly onError: (error: unknown) => void;
}

/** A copy of a part of one kind (a namespace, a selection), kept up to date until closed. For one command's use; rooms of the daemon share a factory. */
export function createScopedInformer<T extends KubeObject>(
  resource: ResourceClient<T>,
  query: Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>,
  options: ScopedInformerOptions,
): Informer<T> & Closable {
  const abort = new AbortController();
  // Every request of the informer listens to it, by design.
  setMaxListeners(0, abort.signal);
  const informer = new CachedInformer<T>(options.onError);
  const done = reflect<T>({
    client: { ...resource, list: (page) => resource.list({ ...page, ...query }), watch: (from) => resource.watch({ ...from, ...query }) },
    sink: informer,
    clock: options.clock,
    random: options.random ?? Math.random,
    signal: abort.signal,
    onError: options.onError,
  });
  return Object.assign(informer, {
    async close() {
      abort.abort(new Error('the informer is closed'));
      await done;
    },
  });
}
