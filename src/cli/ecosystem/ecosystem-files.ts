import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

const EXTENSIONS = ['ts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'];

/** Names under which a directory may hold its apps, the first that exists is taken. */
const ECOSYSTEM_NAMES: readonly string[] = [
  ...EXTENSIONS.map((extension) => `drover.config.${extension}`),
  ...['js', 'cjs', 'mjs', 'ts', 'json', 'yaml', 'yml'].map((extension) => `ecosystem.config.${extension}`),
  ...['js', 'cjs', 'mjs', 'ts', 'json', 'yaml', 'yml'].map((extension) => `pm2.config.${extension}`),
  'ecosystem.json',
  'process.json',
  'process.yml',
  'process.yaml',
];

/** Whether a file named on the command line is a list of apps and not a program. */
export function isEcosystemFile(path: string): boolean {
  const name = basename(path);
  if (['.json', '.yaml', '.yml'].includes(extname(name))) return true;
  return /(?:^|\.)(?:ecosystem|pm2|drover)\.config\.[cm]?[jt]s$/.test(name) || /\.config\.[cm]?[jt]s$/.test(name) || /^ecosystem\.[cm]?[jt]s$/.test(name);
}

/** Every ecosystem file of a directory, in the order in which they are looked for. */
export const ecosystemFilesIn = (directory: string): readonly string[] =>
  ECOSYSTEM_NAMES.map((name) => join(directory, name)).filter((file) => existsSync(file) && statSync(file).isFile());
