import { PassThrough, Writable } from 'node:stream';
import { type Clock, systemClock } from '../../std/index.ts';
import type { Io } from '../io.ts';
import { main } from '../main.ts';
import type { FakeCluster } from './fake-cluster.ts';

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The machine's timers, at a fixed time of day. */
const clock: Clock = { ...systemClock, now: () => Date.parse('2030-01-01T00:05:00Z') };

/** Runs a command line against a fake cluster. */
export async function runCli(
  cluster: FakeCluster | undefined,
  argv: readonly string[],
  change: Partial<Io> & { readonly signal?: AbortSignal } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const sink = (write: (text: string) => void): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        write(chunk.toString('utf8'));
        done();
      },
    });
  const io: Io = {
    stdin: new PassThrough().end(),
    stdout: sink((text) => {
      out += text;
    }),
    stderr: sink((text) => {
      err += text;
    }),
    stdinIsTty: false,
    stdoutIsTty: false,
    stderrIsTty: false,
    columns: 80,
    env: { PATH: '/usr/bin:/bin', DROVER_HOME: '/nonexistent/home' },
    cwd: '/',
    ...change,
  };
  const signal = change.signal ?? new AbortController().signal;
  const code = await main(argv, { io, clock, programs: '/nonexistent', signal, ...(cluster ? { connection: cluster.connection() } : {}) });
  return { code, out, err };
}
