import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { type Located, ManifestError, parseManifests } from '../../formats/index.ts';
import { CliError, UsageError } from '../errors.ts';
import type { Io } from '../io.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

/** The objects of files, directories and `-` (stdin). Namespaces and custom kinds come first, otherwise the order of the files is kept. */
export async function readManifestFiles(io: Io, paths: readonly string[], recursive: boolean): Promise<readonly Located[]> {
  if (paths.length === 0) throw new UsageError('name what to read with -f FILE, -f DIRECTORY or -f -');
  const found: Located[] = [];
  for (const path of paths) {
    if (/^https?:/.test(path)) throw new UsageError(`-f ${path}: URLs are not fetched`, `fetch it yourself: curl -sL ${path} | drover apply -f -`);
    if (path === '-') found.push(...parseManifests(await textOf(io.stdin), 'stdin'));
    else
      for (const file of await filesOf(resolve(io.cwd, path), path, recursive))
        found.push(...parseManifests(await readFile(file, 'utf8'), shownPath(io.cwd, file)));
  }
  if (found.length === 0) throw new CliError('no objects were found in what -f names', { hint: 'subdirectories are read with -R' });
  return [...found].sort((a, b) => rank(a) - rank(b));
}

const rank = ({ object }: Located): number => (object.kind === 'Namespace' ? 0 : object.kind === 'CustomResourceDefinition' ? 1 : 2);

/** Paths as the user would write them from where they are. */
function shownPath(cwd: string, file: string): string {
  const short = relative(cwd, file);
  return short.startsWith('..') ? file : short;
}

async function filesOf(path: string, given: string, recursive: boolean): Promise<readonly string[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new CliError(`the path "${given}" does not exist`, { cause });
  });
  if (info.isFile()) return [path];
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) {
      if (recursive) files.push(...(await filesOf(inner, inner, true)));
    } else if (EXTENSIONS.has(extname(entry.name))) files.push(inner);
  }
  return files;
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
  const text = Buffer.concat(parts).toString('utf8');
  if (text.trim() === '') throw new ManifestError('stdin: nothing was given');
  return text;
}
