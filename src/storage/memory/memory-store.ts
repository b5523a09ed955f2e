import { StoreEngine } from '../engine.ts';
import type { ObjectStore } from '../store.ts';

/** A store that forgets everything when the process ends: for tests and simulations. */
export function createMemoryStore(): ObjectStore {
  return new StoreEngine({ append: () => Promise.resolve(), close: () => Promise.resolve() }, { base: [], baseRevision: 1, tail: [] });
}
