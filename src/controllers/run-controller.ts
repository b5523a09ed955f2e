import { isAlreadyExists, isConflict, isNotFound, type KubeObject } from '../apimachinery/index.ts';
import { createWorkQueue, type Informer, type WorkQueue } from '../client/index.ts';
import { type Closable, Closer } from '../std/index.ts';
import type { ControllerContext } from './contract.ts';

interface ControllerSpec {
  readonly name: string;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /** Nothing is decided before all of them have synced. */
  // biome-ignore lint/suspicious/noExplicitAny: informers of mixed kinds
  readonly informers: readonly Informer<any>[];
  /** Called once, when all have synced: subscribes to whatever brings keys. */
  readonly watch: (queue: WorkQueue) => readonly Closable[];
  readonly reconcile: (key: string, queue: WorkQueue, signal: AbortSignal) => Promise<void>;
}

/** Losing a race against another writer is part of the work; it is told when it does not end. */
const PATIENCE = 6;

/** Runs one controller until closed: waits for its informers, then works off the keys that they bring. */
export function runController(context: ControllerContext, spec: ControllerSpec): Closable {
  const abort = new AbortController();
  const closer = new Closer();
  const queue: WorkQueue = closer.add(
    createWorkQueue({
      clock: context.clock,
      concurrency: spec.workers,
      reconcile: (key, signal) => spec.reconcile(key, queue, signal),
      maxDelayMs: 60_000,
      onError: (key, error, { failures }) => {
        if ((isConflict(error) || isNotFound(error) || isAlreadyExists(error)) && failures < PATIENCE) return;
        context.log('reconcile failed', { controller: spec.name, key, error });
      },
    }),
  );
  const started = (async () => {
    try {
      for (const informer of spec.informers) await informer.synced(abort.signal);
      if (!abort.signal.aborted) for (const part of spec.watch(queue)) closer.add(part);
    } catch (error) {
      if (!abort.signal.aborted) context.log('did not start', { controller: spec.name, error });
    }
  })();
  return {
    async close() {
      abort.abort(new Error(`${spec.name} is closed`));
      await started;
      await closer.close();
    },
  };
}

/** Subscribes one function to every change; `old` is there for updates. */
export const onChange = <T extends KubeObject>(informer: Informer<T>, changed: (object: T, old?: T) => void): Closable =>
  informer.subscribe({ added: (object) => changed(object), updated: changed, deleted: (object) => changed(object) });
