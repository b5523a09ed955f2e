import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type ContainerConfig, connectShim, type SandboxConfig, type ShimClient, spawnShim } from '../../src/runtimes/index.ts';
import { type HomePaths, homePaths, systemClock } from '../../src/std/index.ts';

/** A home with a shim of its own, for tests across processes. */
export interface ShimHome {
  readonly paths: HomePaths;
  readonly shimProgram: string;
  readonly shim: ShimClient;
  /** A directory for the test's programs. */
  readonly work: string;
  close(): Promise<void>;
}

/** Bundles the shim as the build does, with `daemon` (a file's text, default none) in place of the daemon, and starts it in a new home. */
export async function startShimHome(options: { readonly daemon?: string; readonly prepare?: (paths: HomePaths) => void } = {}): Promise<ShimHome> {
  const root = mkdtempSync(join(tmpdir(), 'drover-shim-'));
  const dist = join(root, 'dist');
  const work = join(root, 'work');
  mkdirSync(work);
  const entryPoints = { shim: 'src/runtimes/process/shim/main.ts' };
  await build({ entryPoints, outdir: dist, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' });
  cpSync('src/inject', join(dist, 'inject'), { recursive: true });
  if (options.daemon !== undefined) {
    await build({
      stdin: { contents: options.daemon, resolveDir: process.cwd(), loader: 'ts' },
      outfile: join(dist, 'daemon.js'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'warning',
    });
  }
  const paths = homePaths(join(root, 'home'));
  const shimProgram = join(dist, 'shim.js');
  writeFileSync(join(dist, 'package.json'), '{"type":"module"}');
  options.prepare?.(paths);
  spawnShim(shimProgram, paths);
  const shim = connectShim({ paths, clock: systemClock });
  await shim.status();
  return {
    paths,
    shimProgram,
    shim,
    work,
    async close() {
      await shim.shutdownAll(500).catch(() => {});
      await shim.close();
      if (!process.env['KEEP_HOME']) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A pod of one container in this home, on the machine's network. */
export function containerConfig(
  home: ShimHome,
  uid: string,
  command: readonly string[],
  extra: Partial<ContainerConfig> = {},
): { readonly sandbox: SandboxConfig; readonly container: ContainerConfig } {
  const logDirectory = join(home.paths.logs, 'pods', uid);
  const sandbox: SandboxConfig = {
    id: uid,
    namespace: 'default',
    pod: uid,
    labels: { app: uid },
    logDirectory,
    network: { mode: 'host', ip: '127.0.0.1', env: {} },
  };
  const container: ContainerConfig = {
    id: `${uid}/main/0`,
    sandboxId: uid,
    name: 'main',
    attempt: 0,
    command,
    workingDirectory: home.work,
    env: { PATH: process.env['PATH'] ?? '' },
    mounts: [],
    resources: {},
    logPath: join(logDirectory, 'main', '0.log'),
    logLimits: { maxBytes: 10 << 20, maxFiles: 5 },
    stdin: false,
    tty: false,
    inject: 'none',
    ipc: false,
    ...extra,
  };
  return { sandbox, container };
}
