// Generates the schemas and bundles what users start: one file per program. Nothing is fetched.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { throughDoors } from './barrels.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (!existsSync(join(root, 'node_modules/esbuild'))) {
  // An installed package has its dist already; only a checkout is built.
  if (existsSync(join(root, 'dist/drover.js'))) process.exit(0);
  throw new Error('build: the development dependencies are not installed; run npm ci first');
}
await import('./generate-schema.mjs');
const { build } = await import('esbuild');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const PROGRAMS = {
  drover: 'src/bin.ts',
  daemon: 'src/daemon/main.ts',
  shim: 'src/runtimes/process/shim/main.ts',
  proxy: 'src/network/proxy/main.ts',
};

// Built aside and put in place whole: a failed build leaves the programs that may be running as they are.
const made = join(root, 'dist.new');
rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
// Each program is bundled by itself: in one build, whatever any of them needs would be loaded by all.
await Promise.all(
  Object.entries(PROGRAMS).map(([name, file]) =>
    build({
      absWorkingDir: root,
      entryPoints: { [name]: file },
      outdir: 'dist.new',
      chunkNames: `chunks/${name}-[name]-[hash]`,
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      // The ES module build of yaml: what a program does not use of it is left out of its bundle.
      alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
      plugins: [throughDoors],
      sourcemap: 'linked',
      sourcesContent: false,
      minifySyntax: true,
      minifyWhitespace: true,
      define: { __DROVER_VERSION__: JSON.stringify(version) },
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      logLevel: 'warning',
    }),
  ),
);
cpSync(join(root, 'src/inject'), join(made, 'inject'), { recursive: true, filter: (path) => !/\.test\.ts$|\.d\.ts$/.test(path) });
chmodSync(join(made, 'drover.js'), 0o755);
const before = join(root, 'dist.old');
rmSync(before, { recursive: true, force: true });
if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), before);
renameSync(made, join(root, 'dist'));
rmSync(before, { recursive: true, force: true });
