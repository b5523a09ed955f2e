import { readIfThere } from '../../std/index.ts';

const RESERVED = 256;
const MOST = 30_000;

/** Connections that this process's file descriptors allow: two each, and as many again may wait in line with one. */
export function connectionLimit(): number {
  const line = (readIfThere('/proc/self/limits') ?? '').split('\n').find((text) => text.startsWith('Max open files'));
  const soft = Number(line?.split(/\s{2,}/)[1] ?? 1024);
  const descriptors = Number.isFinite(soft) ? soft : 65_536;
  return Math.max(64, Math.min(MOST, Math.floor((descriptors - RESERVED) / 3)));
}
