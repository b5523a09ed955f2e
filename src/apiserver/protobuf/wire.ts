/** One field on the wire: its number and what it holds. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Buffer;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly type: number;
}

/** The bytes are not a protobuf message. */
export class WireError extends Error {
  readonly code = 'ERR_PROTOBUF';
}

/** Reads a varint of up to 64 bits. */
export function readVarint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = start, shift = 0n; shift < 70n; index += 1, shift += 7n) {
    const byte = bytes[index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end: index + 1 };
  }
  throw new WireError(`truncated number at byte ${start}`);
}

/** The fields of a message in the order in which they were sent. Throws WireError. */
export function* wireFields(bytes: Buffer): Generator<WireField> {
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const type = Number(tag.value & 7n);
    at = tag.end;
    if (type === 0) {
      const { value, end } = readVarint(bytes, at);
      at = end;
      yield { number, type, value };
    } else {
      const size = type === 2 ? readVarint(bytes, at) : { value: type === 1 ? 8n : type === 5 ? 4n : -1n, end: at };
      const end = size.end + Number(size.value);
      if (size.value < 0n || end > bytes.length) throw new WireError(`field ${number}: wire type ${type} does not fit into the message`);
      yield { number, type, value: bytes.subarray(size.end, end) };
      at = end;
    }
  }
}
