import type { Closable } from '../std/index.ts';
import { CasError } from '../storage/index.ts';
import type { Registry } from './registry/registry.ts';
import { Resource } from './registry/resource.ts';

/** Watches and lists can reach back this far, as in Kubernetes. */
const COMPACTION_PERIOD_MS = 5 * 60_000;
const EXPIRY_PERIOD_MS = 60_000;
const CONCURRENCY = 50;

/**
 * Forgets old history and removes objects of kinds with a time to live (events) that were not written for that long. The age of a write is known from the
 * revisions seen at each round; writes from before this process started count from its start.
 */
export function startMaintenance(registry: Registry, onFailure: (error: unknown) => void): Closable {
  const { clock, store } = registry;
  const mortal = registry.kinds
    .filter((kind) => kind.timeToLiveSeconds !== undefined && !kind.storedAs)
    .map((kind) => ({ resource: new Resource(kind, store), marks: new RevisionMarks((kind.timeToLiveSeconds ?? 0) * 1000) }));
  let compactTo = store.revision;
  let expiring: Promise<void> | undefined;
  for (const { marks } of mortal) marks.add(clock.now(), store.revision);
  const timers = [
    clock.every(COMPACTION_PERIOD_MS, () => {
      store.compact(compactTo);
      compactTo = store.revision;
    }),
    clock.every(EXPIRY_PERIOD_MS, () => {
      // A round that is slower than the period is not overtaken by the next.
      expiring ??= expire()
        .catch(onFailure)
        .finally(() => {
          expiring = undefined;
        });
    }),
  ];

  async function expire(): Promise<void> {
    for (const { resource, marks } of mortal) {
      const oldest = marks.add(clock.now(), store.revision);
      const dead = resource.list('').items.filter(({ revision }) => revision <= oldest);
      for (let start = 0; start < dead.length; start += CONCURRENCY) {
        await Promise.all(
          dead.slice(start, start + CONCURRENCY).map((item) =>
            resource.delete(item).catch((error: unknown) => {
              // Written meanwhile: it lives on.
              if (!(error instanceof CasError)) throw error;
            }),
          ),
        );
      }
    }
  }

  return {
    async close() {
      for (const timer of timers) timer.close();
      await expiring;
    },
  };
}

/** Remembers which revision was the newest at what time. */
class RevisionMarks {
  readonly #keepMs: number;
  #marks: readonly { readonly atMs: number; readonly revision: number }[] = [];

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Adds a mark; returns the newest revision that is at least as old as the time to live, 0 when none is. */
  add(nowMs: number, revision: number): number {
    this.#marks = [...this.#marks, { atMs: nowMs, revision }];
    const passed = this.#marks.findLastIndex(({ atMs }) => atMs <= nowMs - this.#keepMs);
    if (passed === -1) return 0;
    this.#marks = this.#marks.slice(passed);
    return this.#marks[0]?.revision ?? 0;
  }
}
