import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readIfThere, writeWhole } from '../../std/index.ts';
import { type Cidr, formatIPv4, parseIPv4 } from '../address.ts';
import { NetworkError } from '../network-error.ts';

/** Addresses of a home's pods, kept in a file so that each pod keeps its own over restarts of the daemon. */
export interface AddressBook {
  /** The address of a pod; given on the first call and on disk before this returns. Throws NetworkError when the range is used up. */
  allocate(uid: string): string;
  /** Takes it back. It is given again only after all others had their turn, so that nothing reaches a new pod by an old pod's address. */
  release(uid: string): string | undefined;
  addressOf(uid: string): string | undefined;
  uidOf(ip: string): string | undefined;
  uids(): readonly string[];
}

/** The first address is the gateway's, the lowest of loopback ranges stays free too, the last is the broadcast address. */
const FIRST_OFFSET = 2;

/** Lines of `+uid address` and `-uid`; a torn last line is of a change nobody acted on. Anything else is a damaged file and thrown. */
function parseAddressBook(text: string, file: string): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  const lines = text.split('\n');
  const whole = lines.slice(0, -1);
  for (const [index, line] of whole.entries()) {
    const [entry = '', address = ''] = line.split(' ');
    if (entry.startsWith('+') && parseIPv4(address) !== undefined) addresses.set(entry.slice(1), address);
    else if (entry.startsWith('-')) addresses.delete(entry.slice(1));
    else
      throw new NetworkError(
        'ERR_NETWORK_STATE',
        `${file}:${index + 1}: expected "+<pod uid> <address>" or "-<pod uid>", got "${line.slice(0, 80)}". Restore the file, or remove it when no pod runs.`,
      );
  }
  return addresses;
}

export function openAddressBook(file: string, range: Cidr): AddressBook {
  const byUid = new Map(parseAddressBook(readIfThere(file) ?? '', file));
  const byAddress = new Map([...byUid].map(([uid, address]) => [address, uid]));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Written anew at each start: the file does not grow for ever, and a torn line is gone before the next is appended.
  writeWhole(file, [...byUid].map(([uid, address]) => `+${uid} ${address}\n`).join(''));
  const note = (line: string) => appendFileSync(file, `${line}\n`, { mode: 0o600 });
  const places = range.size - FIRST_OFFSET - 1;
  // Starts behind the highest in use, so that a restart does not hand out what was given back a moment ago.
  let cursor = [...byAddress.keys()].reduce((highest, address) => Math.max(highest, (parseIPv4(address) ?? 0) - range.base - FIRST_OFFSET + 1), 0);
  return {
    allocate(uid) {
      const known = byUid.get(uid);
      if (known !== undefined) return known;
      for (let tried = 0; tried < places; tried++) {
        const address = formatIPv4(range.base + FIRST_OFFSET + ((cursor + tried) % places));
        if (byAddress.has(address)) continue;
        note(`+${uid} ${address}`);
        cursor = (cursor + tried + 1) % places;
        byUid.set(uid, address);
        byAddress.set(address, uid);
        return address;
      }
      throw new NetworkError(
        'ERR_NETWORK_ADDRESSES',
        `All ${places} pod addresses of ${formatIPv4(range.base)}/${range.prefix} are in use; remove pods, or use a home with a larger DROVER_POD_CIDR.`,
      );
    },
    release(uid) {
      const address = byUid.get(uid);
      if (address === undefined) return undefined;
      note(`-${uid}`);
      byUid.delete(uid);
      byAddress.delete(address);
      return address;
    },
    addressOf: (uid) => byUid.get(uid),
    uidOf: (ip) => byAddress.get(ip),
    uids: () => [...byUid.keys()],
  };
}
