import { execFile } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A Node program on this machine. */
export interface LocalNode {
  readonly path: string;
  /** 20.19.1 */
  readonly version: string;
}

const run = promisify(execFile);

const majorOf = (version: string): number => Number(version.split('.', 1)[0]);

/** Version managers keep one directory a version: nvm, fnm, n, asdf, mise, Volta. */
const versionDirectories = (home: string): readonly { readonly root: string; readonly program: string }[] => [
  { root: join(home, '.nvm/versions/node'), program: 'bin/node' },
  { root: join(home, '.local/share/fnm/node-versions'), program: 'installation/bin/node' },
  { root: join(home, '.asdf/installs/nodejs'), program: 'bin/node' },
  { root: join(home, '.local/share/mise/installs/node'), program: 'bin/node' },
  { root: join(home, '.volta/tools/image/node'), program: 'bin/node' },
  { root: '/usr/local/n/versions/node', program: 'bin/node' },
];

/** Every Node that can be found: this one first, version managers' by their directory names, those in PATH by asking them. */
export async function findLocalNodes(environment: { readonly [name: string]: string | undefined }): Promise<readonly LocalNode[]> {
  const found = new Map<string, LocalNode>();
  const add = (path: string, version: string): void => {
    const real = resolved(path);
    if (real !== undefined && !found.has(real)) found.set(real, { path, version });
  };
  add(process.execPath, process.versions.node);
  for (const { root, program } of versionDirectories(environment['HOME'] ?? '/root')) {
    for (const name of directories(root)) {
      const version = /^v?(\d+\.\d+\.\d+)$/.exec(name)?.[1];
      if (version !== undefined) add(join(root, name, program), version);
    }
  }
  const inPath = new Set((environment['PATH'] ?? '').split(delimiter).filter((one) => one.startsWith('/')));
  for (const directory of inPath) {
    const path = join(directory, 'node');
    const real = resolved(path);
    if (real === undefined || found.has(real)) continue;
    const version = await run(path, ['--version'], { timeout: 5_000 }).then(
      (answer) => /^v(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1],
      () => undefined,
    );
    if (version !== undefined) add(path, version);
  }
  return [...found.values()];
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function directories(root: string): readonly string[] {
  try {
    return readdirSync(root);
  } catch {
    return [];
  }
}

/** The Node to use for a wanted major: the same, else the next higher, else the highest there is. The newest of its major. */
export function nearestNode(nodes: readonly LocalNode[], major: number | undefined): LocalNode | undefined {
  if (major === undefined) return nodes[0];
  const newestFirst = [...nodes].sort((a, b) => compareVersions(b.version, a.version));
  const higher = newestFirst.filter((one) => majorOf(one.version) > major);
  const nextHigher = Math.min(...higher.map((one) => majorOf(one.version)));
  return newestFirst.find((one) => majorOf(one.version) === major) ?? higher.find((one) => majorOf(one.version) === nextHigher) ?? newestFirst[0];
}

function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  return left.map((part, index) => part - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** Its directory, to be put first in PATH so that `node`, `npm` and `npx` are this version. */
export const nodeDirectory = (node: LocalNode): string => dirname(node.path);
