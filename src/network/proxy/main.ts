// The service proxy's process: dist/proxy.js --home DIR. It outlives the daemon; the shim starts it again when it ends.
import { existsSync } from 'node:fs';
import { homePaths, systemClock } from '../../std/index.ts';
import { shimBinder } from './binder.ts';
import { startProxy } from './proxy.ts';
import { releaseAtShim } from './release-at-shim.ts';

/** Faults in a row after which the process is not trusted any more and is started anew. */
const FAULT_LIMIT = 10;
const FAULT_WINDOW_MS = 60_000;
const DRAIN_CHECK_MS = 250;

const log = (line: string): void => {
  process.stderr.write(`${new Date(systemClock.now()).toISOString()} proxy ${line}\n`);
};

function homeArgument(args: readonly string[]): string {
  const at = args.indexOf('--home');
  const home = at >= 0 ? args[at + 1] : undefined;
  if (home === undefined) {
    log('usage: proxy.js --home DIR');
    process.exit(2);
  }
  return home;
}

async function main(): Promise<void> {
  process.umask(0o077);
  const home = homePaths(homeArgument(process.argv.slice(2)));
  const clock = systemClock;
  let faults: number[] = [];
  // One broken connection must not end all the others.
  process.on('uncaughtException', (error) => {
    log(`fault: ${error.stack ?? error}`);
    faults = [...faults.filter((at) => at > clock.monotonic() - FAULT_WINDOW_MS), clock.monotonic()];
    if (faults.length >= FAULT_LIMIT) process.exit(70);
  });
  // Ctrl-C in a terminal is meant for the command in it, and a closed terminal for nobody here.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  let retired = false;
  const endWhenEmpty = (drainMs: number): void => {
    retired = true;
    const startedMs = clock.monotonic();
    const end = () => {
      if (proxy.connections === 0 || clock.monotonic() - startedMs >= drainMs) process.exit(0);
    };
    end();
    clock.every(DRAIN_CHECK_MS, end);
  };
  const proxy = await startProxy({
    home,
    clock,
    binder: shimBinder({ channel: process, clock, release: releaseAtShim({ shimSocket: home.shimSocket, clock, log }) }),
    log,
    onRetire: endWhenEmpty,
  });
  let signals = 0;
  process.on('SIGTERM', () => {
    signals += 1;
    // The shim ends the proxy of a shim before it; one that has made room already ends by itself with its last connection. A second signal is meant.
    if (retired && signals === 1) return;
    void proxy.close().finally(() => process.exit(0));
  });
  // A home that was removed needs no proxy; nobody else would end it.
  clock.every(30_000, () => {
    if (!existsSync(home.home)) process.exit(0);
  });
  // Timers of the clock do not keep a process alive, the control socket does; the channel to the shim must not.
  process.channel?.unref();
  log(`serving home=${home.home} pid=${process.pid}`);
}

main().catch((error: unknown) => {
  log(`cannot start: ${error instanceof Error ? error.stack : String(error)}`);
  process.exit(1);
});
