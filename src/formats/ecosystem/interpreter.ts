import { extname } from 'node:path';

const BY_EXTENSION: { readonly [extension: string]: string } = {
  '.js': 'node',
  '.cjs': 'node',
  '.mjs': 'node',
  '.ts': 'node',
  '.mts': 'node',
  '.cts': 'node',
  '.py': 'python3',
  '.rb': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
  '.sh': 'bash',
  '.bash': 'bash',
};

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts']);

/** What runs a script: by its extension, else (no or unknown extension) the file itself. */
export const interpreterOf = (script: string): string => BY_EXTENSION[extname(script)] ?? 'none';

export const isNode = (interpreter: string): boolean => /(^|\/)node(\d|\.exe|$)/.test(interpreter);

/** Why Node of this version cannot run the script without help; undefined when it can. */
export function typescriptProblem(script: string, interpreter: string, nodeArgs: readonly string[], nodeVersion: string): string | undefined {
  if (!TYPESCRIPT.has(extname(script)) || !isNode(interpreter) || nodeArgs.length > 0) return undefined;
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)) return undefined;
  return `Node ${nodeVersion} does not run TypeScript; build it, or name a loader: --node-args "--import tsx" (or --interpreter tsx)`;
}
