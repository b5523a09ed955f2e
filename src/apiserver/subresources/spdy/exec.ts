import { finished } from 'node:stream/promises';
import { badRequest, type ExecStreams, type PodExecOptions } from '../../../apimachinery/index.ts';
import type { Answer } from '../../request/answer.ts';
import type { Upgrade } from '../../request/call.ts';
import { exitStatus, failureStatus, terminalSize } from '../exec-status.ts';
import { SizeQueue } from '../size-queue.ts';
import type { RunExec } from '../websocket-exec.ts';
import { SpdyConnection, type SpdyStream } from './connection.ts';

/** Both tell the exit code as a Status on the error stream. Older ones (v1 to v3) are not spoken by any client from 1.6 on. */
const PROTOCOLS = ['v4.channel.k8s.io', 'v5.channel.k8s.io'];

/** Takes the connection over and runs the command on it, for clients that do not speak WebSocket. */
export function serveSpdyExec(upgrade: Upgrade, protocols: readonly string[], options: PodExecOptions, run: RunExec, signal: AbortSignal): Answer {
  const protocol = PROTOCOLS.find((one) => protocols.includes(one));
  if (!protocol)
    throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${protocols.join(', ')}, server accepts ${PROTOCOLS.join(', ')}`);
  const { socket, head } = upgrade;
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
  session(upgrade, head, options, run, signal).catch(() => socket.destroy());
  return { type: 'hijacked' };
}

async function session({ socket }: Upgrade, head: Buffer, options: PodExecOptions, run: RunExec, signal: AbortSignal): Promise<void> {
  const opened = new Map<string, SpdyStream>();
  const wanted = [
    'error',
    ...(options.stdin ? ['stdin'] : []),
    ...(options.stdout ? ['stdout'] : []),
    ...(options.stderr ? ['stderr'] : []),
    ...(options.tty ? ['resize'] : []),
  ];
  let complete: (() => void) | undefined;
  const all = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const connection = new SpdyConnection(socket, (stream) => {
    opened.set(stream.headers.get('streamtype') ?? '', stream);
    if (wanted.every((type) => opened.has(type))) complete?.();
  });
  const reading = connection.run(head);
  await Promise.race([all, reading]);
  if (!wanted.every((type) => opened.has(type))) return;
  const sizes = new SizeQueue();
  opened.get('resize')?.input.on('data', (chunk: Buffer) => {
    const size = terminalSize(chunk.toString());
    if (size) sizes.push(size);
  });
  const [stdin, stdout, stderr] = [opened.get('stdin')?.input, opened.get('stdout')?.output, opened.get('stderr')?.output];
  const streams: ExecStreams = {
    ...(stdin ? { stdin } : {}),
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    ...(options.tty ? { resize: sizes } : {}),
  };
  const status = await run(streams, signal).then(({ exitCode }) => exitStatus(exitCode), failureStatus);
  sizes.end();
  for (const output of [stdout, stderr]) await ended(output);
  const error = opened.get('error')?.output;
  error?.write(JSON.stringify(status));
  await ended(error);
  await connection.close();
  await reading;
}

async function ended(output: SpdyStream['output'] | undefined): Promise<void> {
  if (!output) return;
  output.end();
  await finished(output).catch(() => undefined);
}
