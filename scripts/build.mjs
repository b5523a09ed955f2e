// Generates the schemas and bundles what users start: one file per program. Nothing is fetched.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const entryPoints = Object.fromEntries(Object.entries(PROGRAMS).filter(([, file]) => existsSync(join(root, file))));

rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  sourcesContent: false,
  minifySyntax: true,
  define: { __DROVER_VERSION__: JSON.stringify(version) },
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
if (existsSync(join(root, 'src/inject'))) {
  cpSync(join(root, 'src/inject'), join(root, 'dist/inject'), { recursive: true, filter: (path) => !/\.test\.ts$|\.d\.ts$/.test(path) });
}
if (existsSync(join(root, 'dist/drover.js'))) chmodSync(join(root, 'dist/drover.js'), 0o755);
