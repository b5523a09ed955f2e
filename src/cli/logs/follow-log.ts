import { StatusError, type Transport } from '../../apimachinery/index.ts';
import type { Pod } from '../../kinds/index.ts';
import type { Clock } from '../../std/index.ts';
import { logPath } from '../apps/pod-log.ts';
import { type LogLine, logLines } from './log-line.ts';

export interface LogOptions {
  readonly container: string;
  readonly stream?: 'Stdout' | 'Stderr';
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly previous?: boolean;
}

export const logRequest = (pod: Pod, options: LogOptions & { readonly follow: boolean }, signal: AbortSignal) => ({
  method: 'GET' as const,
  path: logPath(pod),
  query: {
    container: options.container,
    follow: options.follow ? 'true' : undefined,
    previous: options.previous ? 'true' : undefined,
    timestamps: 'true',
    stream: options.stream,
    tailLines: options.tailLines === undefined ? undefined : String(options.tailLines),
    sinceSeconds: options.sinceSeconds === undefined ? undefined : String(options.sinceSeconds),
    sinceTime: options.sinceTime,
  },
  headers: { accept: 'text/plain, */*' },
  signal,
});

/**
 * Follows one run of a container until it ends. A connection that breaks (the daemon restarts) is opened again from the last line seen, so that no line is
 * missed or shown twice.
 */
export async function followLog(
  transport: Transport,
  pod: Pod,
  options: LogOptions,
  context: { readonly clock: Clock; readonly signal: AbortSignal },
  write: (lines: readonly LogLine[]) => void,
): Promise<void> {
  let last = '';
  let sameTime = 0;
  let from: LogOptions = options;
  for (;;) {
    let skipped = 0;
    try {
      for await (const lines of logLines(await transport.stream(logRequest(pod, { ...from, follow: true }, context.signal)))) {
        const fresh = last === '' ? lines : lines.filter(({ time }) => time === '' || time > last || (time === last && skipped++ >= sameTime));
        for (const { time } of fresh) {
          sameTime = time === last ? sameTime + 1 : 1;
          last = time || last;
        }
        // Once a line past the reconnect's overlap was seen nothing is skipped any more.
        if (fresh.length > 0) skipped = Number.POSITIVE_INFINITY;
        if (fresh.length > 0) write(fresh);
      }
      return;
    } catch (error) {
      if (context.signal.aborted) return;
      if (error instanceof StatusError && error.code < 500) throw error;
    }
    if (last !== '') {
      const { tailLines: _tail, sinceSeconds: _since, ...rest } = options;
      from = { ...rest, sinceTime: last };
    }
    await context.clock.sleep(300, context.signal).catch(() => undefined);
    if (context.signal.aborted) return;
  }
}
