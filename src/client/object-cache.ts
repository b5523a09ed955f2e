import type { KubeObject } from '../apimachinery/index.ts';
import type { Indexes } from './contract.ts';

interface Index<T> {
  readonly values: (object: T) => readonly string[];
  readonly found: Map<string, Map<string, T>>;
}

const NAMESPACE = 'namespace';

/** Objects by key, with indexes. */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>([[NAMESPACE, { values: (object) => [object.metadata.namespace ?? ''], found: new Map() }]]);

  addIndexes(indexes: Indexes<T>): void {
    for (const [name, values] of Object.entries(indexes)) {
      const known = this.#indexes.get(name);
      if (known) {
        if (known.values !== values) throw new Error(`index "${name}" exists already with another function; give one of them another name`);
        continue;
      }
      const index: Index<T> = { values, found: new Map() };
      this.#indexes.set(name, index);
      for (const [key, object] of this.#objects) put(index, key, object);
    }
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  list(namespace?: string): readonly T[] {
    return [...(namespace === undefined ? this.#objects : (this.#indexes.get(NAMESPACE)?.found.get(namespace) ?? new Map<string, T>())).values()];
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`there is no index "${name}"; known: ${[...this.#indexes.keys()].join(', ')}`);
    return [...(index.found.get(value)?.values() ?? [])];
  }

  set(key: string, object: T): void {
    this.delete(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) put(index, key, object);
  }

  delete(key: string): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) {
      for (const value of index.values(old)) {
        const found = index.found.get(value);
        found?.delete(key);
        if (found?.size === 0) index.found.delete(value);
      }
    }
  }
}

function put<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    let found = index.found.get(value);
    if (!found) {
      found = new Map();
      index.found.set(value, found);
    }
    found.set(key, object);
  }
}
