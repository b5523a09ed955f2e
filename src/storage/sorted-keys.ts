/** Keys in code-unit order. Inserting moves memory, which for tens of thousands of keys costs microseconds; lookups are binary searches. */
export class SortedKeys {
  #keys: string[] = [];

  /** Index of the first key that is not below `key`. */
  lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(key: string): void {
    const length = this.#keys.length;
    if (length === 0 || (this.#keys[length - 1] as string) < key) {
      this.#keys.push(key);
      return;
    }
    const at = this.lowerBound(key);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  delete(key: string): void {
    const at = this.lowerBound(key);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  /** Bounds [from, to) of the keys that start with `prefix` and come after `after`. */
  range(prefix: string, after?: string): { readonly from: number; readonly to: number } {
    const to = this.lowerBound(`${prefix}\uffff`);
    let from = this.lowerBound(after !== undefined && after > prefix ? after : prefix);
    if (after !== undefined && this.#keys[from] === after) from += 1;
    return { from, to: Math.max(from, to) };
  }

  at(index: number): string {
    return this.#keys[index] as string;
  }
}
