import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../journal.ts';

// A record on disk, numbers little-endian:
//
//   u32 length of what follows the checksum │ u32 CRC-32 of it │ u8 type │ u48 revision │ u16 key length │ key │ JSON
//
const HEADER = 8;
const FIXED = 9;
const TYPES = { put: 1, delete: 2 } as const;

export function encodeRecord(record: JournalRecord): Buffer {
  const key = Buffer.from(record.key);
  const out = Buffer.allocUnsafe(HEADER + FIXED + key.length + record.json.length);
  out.writeUInt32LE(FIXED + key.length + record.json.length, 0);
  out.writeUInt8(TYPES[record.type], 8);
  out.writeUIntLE(record.revision, 9, 6);
  out.writeUInt16LE(key.length, 15);
  key.copy(out, 17);
  record.json.copy(out, 17 + key.length);
  out.writeUInt32LE(crc32(out.subarray(HEADER)), 4);
  return out;
}

export interface DecodedRecords {
  readonly records: readonly JournalRecord[];
  /** Bytes of the file that are whole, valid records. */
  readonly goodBytes: number;
  /** What is wrong after them, when anything is. */
  readonly damage: string | undefined;
}

/** Reads records until the end or the first damage. The JSON of records points into `data`. */
export function decodeRecords(data: Buffer, start: number): DecodedRecords {
  const records: JournalRecord[] = [];
  let at = start;
  const ended = (damage: string | undefined): DecodedRecords => ({ records, goodBytes: at, damage });
  while (at < data.length) {
    if (data.length - at < HEADER + FIXED) return ended(`${data.length - at} bytes of an unfinished record`);
    const length = data.readUInt32LE(at);
    const end = at + HEADER + length;
    if (length < FIXED || end > data.length) return ended(`an unfinished record (${length} bytes announced, ${data.length - at - HEADER} found)`);
    const body = data.subarray(at + HEADER, end);
    if (crc32(body) !== data.readUInt32LE(at + 4)) return ended('a record whose checksum is wrong');
    const keyLength = body.readUInt16LE(7);
    records.push({
      type: body.readUInt8(0) === TYPES.delete ? 'delete' : 'put',
      revision: body.readUIntLE(1, 6),
      key: body.toString('utf8', FIXED, FIXED + keyLength),
      json: body.subarray(FIXED + keyLength),
    });
    at = end;
  }
  return ended(undefined);
}
