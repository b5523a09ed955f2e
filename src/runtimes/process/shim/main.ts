import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { homePaths, systemClock } from '../../../std/index.ts';
import { releaseLock, takeLock } from './lock.ts';
import { type HandedSocket, startShim } from './shim.ts';

declare const __DROVER_VERSION__: string | undefined;

const { values } = parseArgs({ options: { home: { type: 'string' }, dist: { type: 'string' } } });
if (!values.home) {
  process.stderr.write('shim: --home DIR is required\n');
  process.exit(2);
}
const paths = homePaths(resolve(values.home));
const dist = values.dist ?? dirname(realpathSync(process.argv[1]!));
// A shim must not keep a mounted file system busy.
process.chdir('/');
for (const directory of [paths.home, paths.run]) mkdirSync(directory, { recursive: true, mode: 0o700 });

const lock = takeLock(paths.shimPid);
if (lock.heldBy !== undefined) {
  process.stderr.write(`shim: a shim for ${paths.home} runs already (pid ${lock.heldBy})\n`);
  process.exit(3);
}
// A signal meant for a terminal's or session's processes must not end the owner of all apps; `shutdown` does that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => {});

const handedText = process.env['DROVER_HANDED_SOCKETS'];
delete process.env['DROVER_HANDED_SOCKETS'];

await startShim({
  paths,
  clock: systemClock,
  version: typeof __DROVER_VERSION__ === 'string' ? __DROVER_VERSION__ : 'development',
  dist,
  handed: handedText ? (JSON.parse(handedText) as HandedSocket[]) : [],
  onShutdown() {
    releaseLock(paths.shimPid);
    process.exit(0);
  },
});
