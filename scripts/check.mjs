// npm run check: format and lint, types, promises and switches, dead code. The rooms test runs with the unit tests.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const steps = [
  ['node', ['scripts/generate-schema.mjs']],
  ['npx', ['biome', 'check', '.']],
  ['npx', ['tsc', '-p', '.']],
  [
    'npx',
    [
      'oxlint',
      '--type-aware',
      '-D',
      'typescript/no-floating-promises',
      '-D',
      'typescript/no-misused-promises',
      '-D',
      'typescript/switch-exhaustiveness-check',
      'src',
    ],
  ],
  ['npx', ['knip']],
];
for (const [command, args] of steps) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) {
    console.error(`check: ${[command, ...args].join(' ')} failed`);
    process.exit(status ?? 1);
  }
}
