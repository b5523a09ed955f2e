/** A frame of SPDY/3.1 as it came. */
export type Frame =
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly type: 'control'; readonly kind: number; readonly fin: boolean; readonly payload: Buffer };

/** Kinds of control frames that matter here. */
export const KIND = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const;

const HEAD_BYTES = 8;
const FIN = 0x01;
const ID_MASK = 0x7fff_ffff;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** Cuts a byte stream into frames. Throws on one that is too large. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEAD_BYTES) {
      const first = this.#rest.readUInt32BE(0);
      const flags = this.#rest.readUInt8(4);
      const size = this.#rest.readUIntBE(5, 3);
      if (size > MAX_FRAME_BYTES) throw new Error(`SPDY: a frame of ${size} bytes is too large`);
      if (this.#rest.length < HEAD_BYTES + size) return;
      const payload = this.#rest.subarray(HEAD_BYTES, HEAD_BYTES + size);
      this.#rest = this.#rest.subarray(HEAD_BYTES + size);
      const fin = (flags & FIN) !== 0;
      if (first >>> 31 === 0) yield { type: 'data', streamId: first & ID_MASK, fin, data: payload };
      else yield { type: 'control', kind: first & 0xffff, fin, payload };
    }
  }
}

export function dataFrame(streamId: number, data: Buffer, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId & ID_MASK, 0);
  head.writeUInt8(fin ? FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export function controlFrame(kind: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(0x8003_0000 + kind, 0);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

export const streamIdOf = (payload: Buffer): number => payload.readUInt32BE(0) & ID_MASK;
