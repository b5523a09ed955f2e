import { spawn } from 'node:child_process';
import { NetworkError } from '../network-error.ts';

const LIMIT_MS = 10_000;

/** Runs a program of the machine to its end with a limit of 10 s and resolves with its output. Rejects with what it wrote to stderr. */
export function run(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new NetworkError(
          'ERR_NETWORK_COMMAND',
          `running "${program} ${args.join(' ')}"${input ? ` with input "${input.trim().replaceAll('\n', '; ')}"` : ''}: ${why}`,
          { cause },
        ),
      );
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    // A program that ends before it read its input closes the pipe; its exit code tells why.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => fail(error.message, error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else fail(complaint.trim() || (signal ? `ended by ${signal} (limit ${LIMIT_MS / 1000} s)` : `exit code ${code}`));
    });
    child.stdin.end(input ?? '');
  });
}

/** Runs many `ip` commands in one process, one a line; stops at the first that fails. */
export const ipBatch = (lines: readonly string[]): Promise<string> => run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);

/** Runs `ip` commands and ignores those that fail: for taking things away that may be gone already. */
export const ipBatchForced = async (lines: readonly string[]): Promise<void> => {
  // With -force a failing line does not stop the rest; the exit code still tells of it, and is expected here.
  await run('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`).catch(() => undefined);
};
