const LIMIT_BYTES = 16 * 1024;
const SAFE_METHOD = /^(GET|HEAD|OPTIONS) [^\r\n]* HTTP\/1\.[01]\r\n/;

/**
 * What a client said before the endpoint answered. When the endpoint dies in that time, it may be said again to another one if nothing was said at all,
 * or if it was one whole request of HTTP that is safe to repeat; anything else might be done twice.
 */
export class Replay {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;

  /** Notes what went to the endpoint. */
  note(chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#bytes > LIMIT_BYTES) this.stop();
    else this.#chunks.push(chunk);
  }

  /** The endpoint answered, or too much was said: nothing may be repeated from here on. */
  stop(): void {
    this.#over = true;
    this.#chunks = [];
  }

  /** The same client is connected to another endpoint; what is said again is noted anew. */
  restart(): void {
    this.#over = false;
    this.#chunks = [];
    this.#bytes = 0;
  }

  get recording(): boolean {
    return !this.#over;
  }

  /** What to say again, or undefined when it may not be repeated. */
  repeatable(): Buffer | undefined {
    if (this.#over) return undefined;
    const said = Buffer.concat(this.#chunks);
    if (said.length === 0) return said;
    const text = said.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    // Anything behind the head is a body or a second request.
    return SAFE_METHOD.test(text) && end === text.length - 4 ? said : undefined;
  }
}
