import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../../std/index.ts';

/** The command found in an artifact's directory, or why there is none. */
export type ArtifactCommand = { readonly command: readonly string[]; readonly from: string } | { readonly problem: string };

const INDEX_FILES = ['index.js', 'index.mjs', 'index.cjs', 'server.js', 'server.mjs', 'app.js', 'main.js'];

/**
 * How an artifact starts: package.json's `scripts.start` when that is plain `node …`, else its `main`, else one of the
 * customary files. Anything that needs a shell is refused, so that signals reach the program.
 */
export function artifactCommand(directory: string): ArtifactCommand {
  try {
    if (!statSync(directory).isDirectory()) return { problem: `${directory} is not a directory` };
    accessSync(directory, constants.R_OK | constants.X_OK);
  } catch (error) {
    return { problem: `${directory} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})` };
  }
  const manifest = readPackage(join(directory, 'package.json'));
  if ('problem' in manifest) return manifest;
  const start = manifest.start?.trim();
  if (start !== undefined && /^node\s/.test(start) && !/[|&;<>()$`"'\\*?~]/.test(start))
    return { command: start.split(/\s+/), from: 'package.json scripts.start' };
  if (manifest.main !== undefined && existsSync(join(directory, manifest.main))) return { command: ['node', manifest.main], from: 'package.json main' };
  const found = INDEX_FILES.find((file) => existsSync(join(directory, file)));
  if (found) return { command: ['node', found], from: found };
  const shell = start === undefined ? '' : `; its scripts.start needs a shell ("${start}"), so give the command in the manifest or to drover image add`;
  return { problem: `${directory} has neither a "start" script that is plain node, nor a "main", nor ${INDEX_FILES.slice(0, 4).join(', ')}${shell}` };
}

function readPackage(path: string): { readonly start?: string; readonly main?: string } | { readonly problem: string } {
  if (!existsSync(path)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return { problem: `${path} is not a JSON object` };
    const scripts = 'scripts' in value && typeof value.scripts === 'object' && value.scripts !== null ? value.scripts : {};
    const start = 'start' in scripts && typeof scripts.start === 'string' ? scripts.start : undefined;
    const main = 'main' in value && typeof value.main === 'string' ? value.main : undefined;
    return { ...(start === undefined ? {} : { start }), ...(main === undefined ? {} : { main }) };
  } catch (error) {
    return { problem: `${path}: ${errorText(error)}` };
  }
}
