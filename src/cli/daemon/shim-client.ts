import { createConnection } from 'node:net';
import type { Clock, HomePaths } from '../../std/index.ts';
import { CliError } from '../errors.ts';

/** State of a program that the shim keeps running. */
export interface ProgramStatus {
  readonly state: 'running' | 'waiting' | 'stopped';
  readonly pid?: number;
  readonly restarts: number;
  readonly lastExit?: string;
}

/** What the shim says of itself. */
interface ShimStatus {
  readonly pid: number;
  readonly version: string;
  readonly startedAtMs: number;
  readonly daemon: ProgramStatus;
  readonly proxy: ProgramStatus;
  readonly sandboxes: number;
  readonly running: number;
}

/** Methods of the shim's socket that the command line uses: one JSON object a line each way. */
interface Methods {
  status: { readonly params: object; readonly result: ShimStatus };
  limitations: { readonly params: object; readonly result: { readonly limitations: readonly { readonly reason: string; readonly message: string }[] } };
  'daemon.start': { readonly params: object; readonly result: object };
  'daemon.stop': { readonly params: object; readonly result: object };
  'daemon.restart': { readonly params: object; readonly result: object };
  shutdown: { readonly params: { readonly graceMs: number }; readonly result: object };
}

/** One call to the home's shim; undefined when none runs. Throws CliError when it refuses or does not answer in time. */
export function callShim<M extends keyof Methods>(
  home: HomePaths,
  clock: Clock,
  method: M,
  params: Methods[M]['params'],
  limitMs = 15_000,
): Promise<Methods[M]['result'] | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(home.shimSocket);
    let connected = false;
    let text = '';
    const timer = clock.after(limitMs, () => done(() => reject(new CliError(`the shim of ${home.home} did not answer ${method} within ${limitMs / 1_000} s`))));
    const done = (settle: () => void): void => {
      timer.close();
      socket.destroy();
      settle();
    };
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      connected = true;
      socket.write(`${JSON.stringify({ id: 1, method, params })}\n`);
    });
    socket.on('data', (part: string) => {
      text += part;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = JSON.parse(text.slice(0, end)) as {
          readonly id?: number;
          readonly result?: Methods[M]['result'];
          readonly error?: { readonly message: string };
        };
        text = text.slice(end + 1);
        if (line.id !== 1) continue;
        if (line.error) {
          const { message } = line.error;
          done(() => reject(new CliError(`the shim refused ${method}: ${message}`)));
        } else done(() => resolve(line.result));
        return;
      }
    });
    socket.on('error', (cause) =>
      done(() => (connected ? reject(new CliError(`the connection to the shim was lost: ${cause.message}`, { cause })) : resolve(undefined))),
    );
    // The shim ends with its own shutdown: a closed connection is then the answer.
    socket.on('close', () =>
      done(() =>
        method === 'shutdown' && connected ? resolve({} as Methods[M]['result']) : reject(new CliError(`the shim closed the connection during ${method}`)),
      ),
    );
  });
}
