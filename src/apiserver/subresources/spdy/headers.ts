import { constants, createDeflate, createInflate } from 'node:zlib';
import { HEADER_DICTIONARY } from './header-dictionary.ts';

export type Headers = ReadonlyMap<string, string>;

const MAX_PAIRS = 100;

/** Reads and writes header blocks. Each direction is one compressed stream over the whole connection, so blocks must be given in order. */
export class HeaderCodec {
  readonly #inflate = createInflate({ dictionary: HEADER_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  readonly #deflate = createDeflate({ dictionary: HEADER_DICTIONARY });
  #failure: Error | undefined;

  constructor() {
    this.#inflate.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Rejects when the block is damaged. */
  async read(block: Buffer): Promise<Headers> {
    await new Promise<void>((resolve) => this.#inflate.write(block, () => resolve()));
    if (this.#failure) throw this.#failure;
    return parsePairs((this.#inflate.read() as Buffer | null) ?? Buffer.alloc(0));
  }

  async write(headers: Headers): Promise<Buffer> {
    const parts = [number(headers.size)];
    for (const [name, value] of headers) parts.push(number(Buffer.byteLength(name)), Buffer.from(name), number(Buffer.byteLength(value)), Buffer.from(value));
    await new Promise<void>((resolve) => {
      this.#deflate.write(Buffer.concat(parts));
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve());
    });
    return (this.#deflate.read() as Buffer | null) ?? Buffer.alloc(0);
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}

function parsePairs(bytes: Buffer): Headers {
  const headers = new Map<string, string>();
  let at = 4;
  const take = (): string => {
    const size = bytes.readUInt32BE(at);
    const text = bytes.toString('utf8', at + 4, at + 4 + size);
    at += 4 + size;
    return text;
  };
  const count = bytes.readUInt32BE(0);
  if (count > MAX_PAIRS) throw new Error(`SPDY: ${count} headers are too many`);
  for (let index = 0; index < count; index += 1) headers.set(take().toLowerCase(), take());
  return headers;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
