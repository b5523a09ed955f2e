import type { Clock } from '../std/index.ts';

/** One line of JSON an event: time, level, what happened, to which object, with which fields. */
export interface Log {
  info(message: string, fields?: object): void;
  error(message: string, error: unknown, fields?: object): void;
}

const causes = (error: unknown): string => {
  const texts: string[] = [];
  for (let one: unknown = error; one !== undefined && one !== null && texts.length < 5; one = one instanceof Error ? one.cause : undefined)
    texts.push(one instanceof Error ? (texts.length === 0 ? (one.stack ?? one.message) : one.message) : String(one));
  return texts.join('\ncaused by ');
};

/** Writes to stderr, which the shim keeps in logs/daemon.log and rotates. */
export function createLog(clock: Clock, write: (line: string) => void = (line) => void process.stderr.write(line)): Log {
  const line = (level: string, message: string, fields: object) =>
    write(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), level, message, ...fields })}\n`);
  return {
    info: (message, fields = {}) => line('info', message, fields),
    error: (message, error, fields = {}) => line('error', message, { ...fields, error: causes(error) }),
  };
}
