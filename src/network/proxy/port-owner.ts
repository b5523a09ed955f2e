import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** How /proc/net writes an address, as TCP and UDP of both families would hold it against `host`: itself, mapped into IPv6, or any address. */
function holdingForms(host: string): readonly string[] {
  const own = host
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
  return [own, '00000000', `0000000000000000FFFF0000${own}`, '0'.repeat(32)];
}

function socketInodes(table: string, addresses: ReadonlySet<string>, state: string): ReadonlySet<string> {
  const inodes = new Set<string>();
  try {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1] !== undefined && addresses.has(fields[1]) && fields[3] === state && fields[9]) inodes.add(`socket:[${fields[9]}]`);
    }
  } catch {
    // No /proc, or no IPv6: nothing to tell.
  }
  return inodes;
}

/** `pid 812 (node /srv/app.js)` of the process that holds a port, as far as this user may see; undefined when it cannot be told. Slow: only for messages. */
export function portOwner(protocol: 'TCP' | 'UDP', host: string, port: number): string | undefined {
  const listening = protocol === 'TCP' ? '0A' : '07';
  const files = protocol === 'TCP' ? ['/proc/net/tcp', '/proc/net/tcp6'] : ['/proc/net/udp', '/proc/net/udp6'];
  const addresses = new Set(holdingForms(host).map((form) => `${form}:${hexPort(port)}`));
  const inodes = new Set(files.flatMap((file) => [...socketInodes(file, addresses, listening)]));
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        if (!inodes.has(readlinkSync(`/proc/${pid}/fd/${descriptor}`))) continue;
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return `pid ${pid} (${command.slice(0, 200)})`;
      }
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
  return 'another process (of another user)';
}
