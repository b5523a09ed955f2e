import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './errors.ts';

/** Writes a file whole or not at all: beside it first (0600 unless told), then renamed over it. Its directory has to be there. */
export function replaceFile(path: string, content: string | Uint8Array, mode: number = 0o600): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, content, { mode });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** As replaceFile; its directory is made (0700). */
export function writeWhole(path: string, content: string | Uint8Array, mode: number = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  replaceFile(path, content, mode);
}

/** The file's text, or undefined when there is none. Every other failure is thrown. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a failure says that a file is not there. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');

/** What a JSON file of our own holds; undefined when it is not there or cannot be read. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
