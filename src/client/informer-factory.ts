import { setMaxListeners } from 'node:events';
import type { KubeObject } from '../apimachinery/index.ts';
import type { AnyKind, KindDefinition } from '../kinds/index.ts';
import { type Clock, errorText } from '../std/index.ts';
import type { ApiClient, Indexes, Informer, InformerFactory } from './contract.ts';
import { CachedInformer } from './informer.ts';
import { reflect } from './reflector.ts';

export interface InformerOptions {
  readonly clock: Clock;
  /** For jitter; default Math.random. */
  readonly random?: () => number;
  /** Told of failed lists and watches (work goes on) and of handlers that threw. Default: a line on stderr. */
  readonly onError?: (kind: AnyKind, error: unknown) => void;
}

interface Running {
  // biome-ignore lint/suspicious/noExplicitAny: informers of mixed kinds in one map
  readonly informer: CachedInformer<any>;
  readonly done: Promise<void>;
}

/** Informers shared by everyone in one process. Each starts listing when it is first asked for. */
export function createInformers(client: ApiClient, options: InformerOptions): InformerFactory {
  const running = new Map<string, Running>();
  const abort = new AbortController();
  // Every request of every kind's informer listens to it, by design.
  setMaxListeners(0, abort.signal);
  const onError = options.onError ?? ((kind, error) => console.error(`informer ${kind.plural}: ${errorText(error)}`));

  return {
    informer<T extends KubeObject>(kind: KindDefinition<T>, indexes?: Indexes<T>): Informer<T> {
      if (abort.signal.aborted) throw new Error(`informer ${kind.plural}: the factory is closed`);
      const id = `${kind.group}/${kind.version}/${kind.plural}`;
      const known = running.get(id);
      const informer: CachedInformer<T> = known ? known.informer : new CachedInformer<T>((error) => onError(kind, error));
      if (indexes) informer.addIndexes(indexes);
      if (!known) {
        const done = reflect<T>({
          client: client.resource(kind),
          sink: informer,
          clock: options.clock,
          random: options.random ?? Math.random,
          signal: abort.signal,
          onError: (error) => onError(kind, error),
        });
        running.set(id, { informer, done });
      }
      return informer;
    },
    async close() {
      abort.abort(new Error('the informers are closed'));
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
