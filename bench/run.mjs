// npm run bench -- NAME [NAME…] [--quick]: measures drover beside its peer, on this machine, in one run. Machines are noisy: look at the ratios.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endAll } from './lib/managers.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(join(here, 'cases'))
  .map((file) => file.replace(/\.mjs$/, ''))
  .sort();
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => name !== 'all' && !names.includes(name));
if (wanted.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`bench: there is no benchmark ${unknown.join(', ')}`);
  console.error(`usage: npm run bench -- NAME [--quick]\n\nNAME is one of: all, ${names.join(', ')}`);
  process.exit(2);
}
if (!existsSync(join(here, 'node_modules/pm2'))) {
  console.error('bench: installing the peers (bench/package.json)');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
}
if (!existsSync(join(here, '../dist/drover.js'))) spawnSync(process.execPath, [join(here, '../scripts/build.mjs')], { stdio: 'inherit' });

for (const name of wanted.includes('all') ? names : wanted) {
  console.log(`\n== ${name} (Node ${process.version}, ${new Date().toISOString()})`);
  const { default: measure } = await import(`./cases/${name}.mjs`);
  try {
    await measure({ quick });
  } finally {
    await endAll();
  }
}
