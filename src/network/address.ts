/** A block of IPv4 addresses. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
  /** Number of addresses, network and broadcast included. */
  readonly size: number;
}

/** `10.244.0.3` as an unsigned number, or undefined when it is no IPv4 address in dotted form. */
export function parseIPv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

/** The dotted form of an unsigned number. */
export const formatIPv4 = (value: number): string => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');

/** Reads `10.244.0.0/16`; host bits are cleared. Throws RangeError when it is no such block. */
export function parseCidr(text: string): Cidr {
  const [address = '', length = ''] = text.split('/');
  const value = parseIPv4(address);
  const prefix = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN;
  if (value === undefined || !(prefix >= 0 && prefix <= 32)) throw new RangeError(`"${text}" is not an IPv4 range such as 10.244.0.0/16`);
  const size = 2 ** (32 - prefix);
  return { base: value - (value % size), prefix, size };
}

export const formatCidr = (cidr: Cidr): string => `${formatIPv4(cidr.base)}/${cidr.prefix}`;

/** The address `offset` places after the block's first. */
export const nthAddress = (cidr: Cidr, offset: number): string => formatIPv4(cidr.base + offset);

export function contains(cidr: Cidr, address: string): boolean {
  const value = parseIPv4(address);
  return value !== undefined && value >= cidr.base && value < cidr.base + cidr.size;
}

export const overlaps = (a: Cidr, b: Cidr): boolean => a.base < b.base + b.size && b.base < a.base + a.size;

/** `10.244.0.3` from `3.0.244.10.in-addr.arpa`, or undefined. */
export function addressOfReverseName(name: string): string | undefined {
  const match = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\.in-addr\.arpa$/.exec(name);
  const address = match?.[1]?.split('.').reverse().join('.');
  return address !== undefined && parseIPv4(address) !== undefined ? address : undefined;
}
