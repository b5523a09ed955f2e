/** Something that was started and must be ended. Closing twice is harmless. */
export interface Closable {
  close(): void | Promise<void>;
}

/** Closes what it was given in reverse order, once; one failure does not stop the rest, and the first is thrown at the end. */
export class Closer implements Closable {
  #parts: Closable[] = [];

  /** Takes over `part` and returns it, so that starting and owning are one expression. */
  add<T extends Closable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    let failure: unknown;
    for (const part of parts.reverse()) {
      try {
        await part.close();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}
