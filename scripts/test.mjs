// npm test: builds, brings the clients to test with, then runs the unit and the integration tests. `npm test -- unit|integration [vitest arguments]`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTools } from './tools.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [first, ...rest] = process.argv.slice(2);
const projects = first === 'unit' || first === 'integration' ? [first] : ['unit', 'integration'];
const passed = first && !['unit', 'integration'].includes(first) ? [first, ...rest] : rest;

const run = (command, args, env = {}) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

/** Network namespaces need two ordinary programs; where they are missing and may be installed, they are, so that both network modes are tested. */
function ensureNetworkPrograms() {
  const missing = Object.entries({ ip: 'iproute2', nft: 'nftables' })
    .filter(([program]) => spawnSync(program, ['-V']).error)
    .map(([, name]) => name);
  if (missing.length === 0 || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error) return;
  console.error(`tests: installing ${missing.join(' and ')}`);
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-q', ...missing], { stdio: 'ignore' });
}

run(process.execPath, ['scripts/build.mjs']);
let env = {};
if (projects.includes('integration')) {
  ensureNetworkPrograms();
  env = ensureTools();
}
run('npx', ['vitest', 'run', ...projects.flatMap((project) => ['--project', project]), ...passed], env);
