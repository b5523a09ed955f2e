import { rmSync, writeFileSync } from 'node:fs';
import { teardown } from '../network/index.ts';
import { systemClock } from '../std/index.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { startDaemon } from './start-daemon.ts';

const log = createLog(systemClock);

/** Ending is always safe: apps run on, and the shim starts the next daemon, which goes on from the store. */
const die = (what: string) => (error: unknown) => {
  log.error(what, error);
  process.exit(1);
};
process.on('uncaughtException', die('a fault that nobody handled ends this daemon; the next one goes on'));
process.on('unhandledRejection', die('a rejection that nobody handled ends this daemon; the next one goes on'));

/** A store of any size is read in less; what hangs longer is better begun anew. */
const START_LIMIT_MS = 300_000;

try {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config.teardown) {
    await teardown(config.home);
    process.exit(0);
  }
  // While it starts, nothing else may be there that keeps the process alive: the shim's channel and limits do not.
  const starting = new AbortController();
  systemClock.sleep(START_LIMIT_MS, starting.signal).then(
    () => die('starting took too long')(new Error(`not ready after ${START_LIMIT_MS / 1000} s`)),
    () => {},
  );
  const daemon = await startDaemon(config, { clock: systemClock, log, onReplaced: () => process.exit(0) });
  starting.abort();
  writeFileSync(config.home.daemonPid, `${process.pid}\n`, { mode: 0o600 });
  const stop = async (signal: NodeJS.Signals) => {
    log.info('stopping; apps run on', { signal });
    rmSync(config.home.daemonPid, { force: true });
    await daemon.close();
    process.exit(0);
  };
  // A second signal finds no listener and ends the process at once.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal).catch(die('stopping failed')));
} catch (error) {
  if (error instanceof ConfigError) {
    log.error('the configuration cannot be used', error.message);
    process.exit(2);
  }
  die('starting failed')(error);
}
