import { isIPv4 } from 'node:net';

/** IPv4 addresses of a block such as 10.96.0.0/16, as numbers. */
export interface AddressRange {
  readonly text: string;
  /** First and last address that may be given away: neither the network's nor the broadcast address. */
  readonly first: number;
  readonly last: number;
}

const MIN_SIZE = 8;

/** Reads a block. Throws an Error that says what is wrong with it. */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', prefixText = ''] = text.split('/');
  const prefix = Number(prefixText);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(prefixText) || prefix > 32)
    throw new Error(`service address range ${JSON.stringify(text)}: expected a block such as 10.96.0.0/16`);
  const size = 2 ** (32 - prefix);
  if (size < MIN_SIZE)
    throw new Error(`service address range ${text}: it has room for ${Math.max(0, size - 2)} addresses, at least ${MIN_SIZE - 2} are needed`);
  const base = Math.floor(addressNumber(address) / size) * size;
  return { text, first: base + 1, last: base + size - 2 };
}

const addressNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export const addressText = (number: number): string => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

export const inRange = ({ first, last }: AddressRange, address: string): boolean =>
  isIPv4(address) && addressNumber(address) >= first && addressNumber(address) <= last;

/**
 * How many values at the start of a range are given away by themselves only when the rest is full, so that people can choose from them: between 16 and
 * `most`, a `share`-th of the range, as Kubernetes does.
 */
export const staticBand = (size: number, share: number, most: number): number => (size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / share)), most));

/** The first free number, from a random one of the upper part on, then from the lower. Undefined when all are taken. */
export function pickFree(first: number, last: number, band: number, isFree: (value: number) => boolean, below: (bound: number) => number): number | undefined {
  const upper = first + band;
  const size = last - upper + 1;
  const start = size > 0 ? below(size) : 0;
  for (let step = 0; step < size; step += 1) {
    const value = upper + ((start + step) % size);
    if (isFree(value)) return value;
  }
  for (let value = first; value < upper && value <= last; value += 1) if (isFree(value)) return value;
  return undefined;
}
