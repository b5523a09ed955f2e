import { networkInterfaces } from 'node:os';
import { readIfThere } from '../../std/index.ts';
import { type Cidr, formatIPv4, parseIPv4 } from '../address.ts';

const hexAddress = (text: string): number => {
  const value = Number.parseInt(text, 16);
  return ((value & 0xff) * 2 ** 24 + ((value >>> 8) & 0xff) * 2 ** 16 + ((value >>> 16) & 0xff) * 256 + (value >>> 24)) >>> 0;
};

interface Route {
  readonly device: string;
  readonly destination: Cidr;
}

/** Reads the text of /proc/net/route. The default route has prefix 0. */
export function parseRoutes(text: string): readonly Route[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8)
    .map((fields) => {
      const mask = hexAddress(fields[7] ?? '0');
      const prefix = mask === 0 ? 0 : 32 - Math.log2(2 ** 32 - mask);
      return { device: fields[0] ?? '', destination: { base: hexAddress(fields[1] ?? '0'), prefix, size: 2 ** (32 - prefix) } };
    });
}

/** Blocks that this machine answers for as a whole (`local` routes), from the text of /proc/net/fib_trie; its single addresses are left out. */
export function parseLocalRanges(text: string): readonly Cidr[] {
  const found: Cidr[] = [];
  let base: number | undefined;
  for (const line of text.split('\n')) {
    const leaf = /\|--\s+(\S+)/.exec(line);
    if (leaf?.[1]) base = parseIPv4(leaf[1]);
    const prefix = Number(/\/(\d+) (?:host|link|universe) LOCAL/.exec(line)?.[1] ?? 32);
    if (base !== undefined && prefix < 32) found.push({ base, prefix, size: 2 ** (32 - prefix) });
  }
  return found;
}

/** Ranges that this machine uses or reaches by a route of its own; loopback and the default route are left out. */
export function usedRanges(): readonly Cidr[] {
  const routes = parseRoutes(readIfThere('/proc/net/route') ?? '')
    .map((route) => route.destination)
    .filter((destination) => destination.prefix > 0);
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal)
    .flatMap((address) => {
      const value = parseIPv4(address.address);
      const mask = parseIPv4(address.netmask);
      if (value === undefined || mask === undefined) return [];
      const size = 2 ** 32 - mask;
      return [{ base: value - (value % size), prefix: 32 - Math.log2(size), size }];
    });
  const local = parseLocalRanges(readIfThere('/proc/net/fib_trie') ?? '').filter((range) => range.base >>> 24 !== 127);
  return [...routes, ...addresses, ...local];
}

/** The IPv4 address by which others reach this machine: of the device of the default route, else the first that is not loopback, else 127.0.0.1. */
export function primaryAddress(): string {
  const device = parseRoutes(readIfThere('/proc/net/route') ?? '').find((route) => route.destination.prefix === 0)?.device;
  const interfaces = networkInterfaces();
  const candidates = [...(device ? (interfaces[device] ?? []) : []), ...Object.values(interfaces).flatMap((list) => list ?? [])];
  return candidates.find((address) => address.family === 'IPv4' && !address.internal)?.address ?? formatIPv4(0x7f000001);
}
