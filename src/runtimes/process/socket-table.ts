import { readFileSync } from 'node:fs';
import { allPids, commandLine, openFiles } from './processes.ts';

export interface ListeningSocket {
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

const LISTEN_STATE = '0A';

/** Turns the kernel's hexadecimal address (32-bit words in host order) into text. */
export function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let word = 0; word < bytes.length; word += 4) bytes.subarray(word, word + 4).reverse();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const text = groups.join(':');
  const zeros = text.match(/(?:^|:)0(?::0)+(?:$|:)/g)?.sort((a, b) => b.length - a.length)[0];
  return zeros ? text.replace(zeros, '::') : text;
}

/** Listening TCP sockets of the network that `pid` (default: this process) sees. */
export function listeningSockets(pid: number | 'self' = 'self'): ListeningSocket[] {
  const found: ListeningSocket[] = [];
  for (const table of ['tcp', 'tcp6']) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/net/${table}`, 'latin1');
    } catch {
      continue;
    }
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [address, port] = (fields[1] ?? '').split(':');
      if (fields[3] !== LISTEN_STATE || !address || !port) continue;
      found.push({ host: decodeAddress(address), port: Number.parseInt(port, 16), inode: fields[9] ?? '' });
    }
  }
  return found;
}

/** Inodes of the sockets that a process has open. */
export function socketInodes(pid: number): string[] {
  return [...openFiles(pid).values()].flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

/** Who listens on a port of this machine, in words: `pid 812 (node /srv/app.js)`. Undefined when nobody is seen. */
export function portOwner(host: string, port: number): string | undefined {
  const wildcard = (address: string) => address === '::' || address === '0.0.0.0';
  const inodes = new Set(
    listeningSockets()
      .filter((socket) => socket.port === port && (socket.host === host || wildcard(socket.host) || wildcard(host)))
      .map((socket) => socket.inode),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of allPids()) {
    if (socketInodes(pid).some((inode) => inodes.has(inode))) return `pid ${pid} (${commandLine(pid) || 'unknown program'})`;
  }
  return 'a process of another user';
}
