import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HomePaths, replaceFile } from '../std/index.ts';

/**
 * The name of this home's Node: the one it had from the start. A machine that is renamed keeps it, because everything that runs is bound to it by
 * name, and replacements would meet the old processes on their ports.
 */
export async function keptNodeName(home: HomePaths, wanted: string): Promise<string> {
  const file = join(home.home, 'node-name');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  replaceFile(file, `${wanted}\n`);
  return wanted;
}
