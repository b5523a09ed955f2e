import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN_STATE = '0A';

/** The port that a program's last words say it could not have; undefined when they speak of something else. */
export function portWished(lines: readonly string[]): number | undefined {
  const at = lines.findIndex((line) => /EADDRINUSE|address already in use/i.test(line));
  if (at < 0) return undefined;
  for (const line of lines.slice(at)) {
    const found = /(?:in use.*?:|\bport:? )(\d{1,5})\b/i.exec(line)?.[1];
    if (found) return Number(found);
  }
  return undefined;
}

/** Who listens on a TCP port of this machine, as `pid 812 (node /srv/app.js)`; undefined when nobody does any more, or it cannot be told. */
export function portHolder(port: number): string | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid) && holds(pid, inodes)) return `pid ${pid} (${commandLine(pid)})`;
  return 'a process of another user';
}

function listeningInodes(port: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    let text: string;
    try {
      text = readFileSync(`/proc/self/net/${table}`, 'latin1');
    } catch {
      // No such table here: this machine has no IPv6, or no /proc.
      continue;
    }
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === LISTEN_STATE && Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) === port && fields[9]) inodes.add(fields[9]);
    }
  }
  return inodes;
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''));
  } catch {
    // Another user's process, or one that ended meanwhile.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim().slice(0, 200) || 'unknown program';
  } catch {
    return 'it has ended meanwhile';
  }
}
