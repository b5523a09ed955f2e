import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, readIfThere } from '../../std/index.ts';

/** Survives restarts of the machine, writable for every user, one user cannot remove another's file. */
export const CLAIMS_DIRECTORY = '/var/tmp/drover-ranges';

const YOUNG_MS = 60_000;
const SHARED_MODE = 0o1777;

/** What a claim's file says. */
interface Claim {
  readonly home: string;
}

const fileOf = (directory: string, key: string): string => join(directory, key.replaceAll('/', '_'));

/** Makes the shared directory, sticky like /tmp. False when something else sits in its place: then claims cannot be made and only routes tell homes apart. */
function ready(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: SHARED_MODE });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') return false;
  }
  try {
    const found = lstatSync(directory);
    if (!found.isDirectory()) return false;
    // mkdir's mode is cut by the mask; sticky, so that nobody removes another's claims.
    if (found.uid === process.getuid?.() && (found.mode & 0o7777) !== SHARED_MODE) chmodSync(directory, SHARED_MODE);
    return true;
  } catch {
    return false;
  }
}

function readClaim(path: string): Claim | undefined {
  try {
    if (!lstatSync(path).isFile()) return undefined;
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && 'home' in value && typeof value.home === 'string' ? { home: value.home } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the home that made a claim still keeps it: its own file names the range. An unreadable home (of another user) counts as living. */
function stillKept(home: string, key: string): boolean {
  try {
    const kept = readIfThere(join(home, 'network', 'ranges.json'));
    return kept?.includes(`"${key}"`) ?? false;
  } catch {
    return true;
  }
}

/** A claim is made just before the home's own file is written: a young one is believed. */
const isLiving = (path: string, holder: Claim, key: string, nowMs: number): boolean => nowMs - changedAtMs(path) < YOUNG_MS || stillKept(holder.home, key);

/**
 * Takes a range (for instance `10.244.0.0/16`) for a home, against every other home of the machine that asks at the same moment: the file is made only
 * when it is not there. True when the home has it now, or had it already. Claims of homes that are gone are taken over.
 */
export function claim(options: { readonly directory: string; readonly key: string; readonly home: string; readonly nowMs: number }): boolean {
  const { directory, key, home, nowMs } = options;
  if (!ready(directory)) return true;
  const path = fileOf(directory, key);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, `${JSON.stringify({ home })}\n`, { flag: 'wx', mode: 0o644 });
      return true;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return true;
    }
    const holder = readClaim(path);
    if (holder?.home === home) {
      touch(path, nowMs);
      return true;
    }
    if (holder === undefined || isLiving(path, holder, key, nowMs)) return false;
    try {
      rmSync(path);
    } catch {
      return false;
    }
  }
  return false;
}

/** Ranges that living other homes of this machine have. */
export function claimedByOthers(options: { readonly directory: string; readonly home: string; readonly nowMs: number }): readonly string[] {
  const { directory, home, nowMs } = options;
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    // Every user may put files there; only what looks like a claim is one.
    if (!/^\d{1,3}(\.\d{1,3}){3}_\d{1,2}$/.test(name)) return [];
    const path = join(directory, name);
    const key = name.replaceAll('_', '/');
    const holder = readClaim(path);
    return holder === undefined || holder.home === home || !isLiving(path, holder, key, nowMs) ? [] : [key];
  });
}

/** Old files of /var/tmp are cleaned away by the machine; one in use is kept young. */
function touch(path: string, nowMs: number): void {
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // Another user's file of the same home path: it stays as it is.
  }
}

/** A file that is gone again counts as just changed. */
const changedAtMs = (path: string): number => {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};
