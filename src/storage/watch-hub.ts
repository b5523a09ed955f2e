import { SlowWatcherError, type StoreEvent, type StoreWatch } from './store.ts';

/** One reader's queue. Events wait here until they are read; more than `bound` of them end the watch with SlowWatcherError. */
class Watcher implements StoreWatch {
  #queue: StoreEvent[] = [];
  #head = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: Error | undefined;
  readonly #bound: number;
  readonly #onClose: (watcher: Watcher) => void;

  constructor(bound: number, onClose: (watcher: Watcher) => void) {
    this.#bound = bound;
    this.#onClose = onClose;
  }

  push(event: StoreEvent): void {
    if (this.#ended) return;
    if (this.#queue.length - this.#head >= this.#bound) {
      this.#failure = new SlowWatcherError(`a watcher left more than ${this.#bound} events unread and was dropped`);
      this.close();
      return;
    }
    this.#queue.push(event);
    this.#signal();
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onClose(this);
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  readonly events: AsyncIterable<StoreEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        for (;;) {
          if (this.#failure) throw this.#failure;
          if (this.#head < this.#queue.length) {
            const value = this.#queue[this.#head] as StoreEvent;
            this.#head += 1;
            if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
              this.#queue = this.#queue.slice(this.#head);
              this.#head = 0;
            }
            return { done: false, value };
          }
          if (this.#ended) return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    }),
  };
}

/** Everybody who watches, by prefix. */
export class WatchHub {
  readonly #byPrefix = new Map<string, Set<Watcher>>();

  open(prefix: string, history: readonly StoreEvent[], bound: number): StoreWatch {
    const watchers = this.#byPrefix.get(prefix) ?? new Set<Watcher>();
    this.#byPrefix.set(prefix, watchers);
    const past = history.filter((event) => event.current.key.startsWith(prefix));
    // History is handed over whole, so it does not count against the bound.
    const watcher = new Watcher(bound + past.length, (ended) => {
      watchers.delete(ended);
      if (watchers.size === 0 && this.#byPrefix.get(prefix) === watchers) this.#byPrefix.delete(prefix);
    });
    for (const event of past) watcher.push(event);
    watchers.add(watcher);
    return watcher;
  }

  publish(event: StoreEvent): void {
    for (const [prefix, watchers] of this.#byPrefix) {
      if (!event.current.key.startsWith(prefix)) continue;
      for (const watcher of watchers) watcher.push(event);
    }
  }

  close(): void {
    for (const watchers of [...this.#byPrefix.values()]) for (const watcher of [...watchers]) watcher.close();
  }
}
