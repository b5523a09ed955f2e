import { Writable } from 'node:stream';
import type { Runtime } from '../runtimes/index.ts';
import type { RunInContainer } from './probes/run-probe.ts';

const MAX_OUTPUT_BYTES = 10 * 1024;
const SLACK_MS = 2_000;

/** Runs commands of probes and hooks beside a container; what they print is kept up to 10 KiB. */
export const runInContainer =
  (runtime: Runtime): RunInContainer =>
  async (containerId, command, limitMs) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (): Writable =>
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          if (size < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - size));
          size += chunk.length;
          done();
        },
      });
    // The runtime keeps the limit; the signal is for one that cannot.
    const signal = AbortSignal.timeout(limitMs + SLACK_MS);
    const output = (): string => Buffer.concat(chunks).toString('utf8');
    try {
      const { exitCode } = await runtime.exec(containerId, command, {
        tty: false,
        timeoutMs: limitMs,
        signal,
        streams: { stdout: collect(), stderr: collect() },
      });
      return { exitCode, output: output(), timedOut: false };
    } catch (error) {
      const timedOut = signal.aborted || (error instanceof Error && 'code' in error && error.code === 'ERR_EXEC_TIMEOUT');
      if (!timedOut) throw error;
      return { exitCode: 137, output: output(), timedOut };
    }
  };
