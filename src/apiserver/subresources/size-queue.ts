interface Size {
  readonly width: number;
  readonly height: number;
}

/** Terminal sizes on their way to a command. Only the newest matters, so only that is kept while nobody reads. */
export class SizeQueue implements AsyncIterable<Size> {
  #newest: Size | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  push(size: Size): void {
    this.#newest = size;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Size> {
    for (;;) {
      const size = this.#newest;
      this.#newest = undefined;
      if (size) yield size;
      else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
