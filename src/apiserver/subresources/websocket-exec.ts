import { PassThrough, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ExecStreams, PodExecOptions } from '../../apimachinery/index.ts';
import type { Answer } from '../request/answer.ts';
import type { Upgrade } from '../request/call.ts';
import { exitStatus, failureStatus, terminalSize } from './exec-status.ts';
import { SizeQueue } from './size-queue.ts';

export type RunExec = (streams: ExecStreams, signal: AbortSignal) => Promise<{ readonly exitCode: number }>;

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Best first. base64 forms carry a digit and base64 text instead of a byte and raw bytes; only v5 can close stdin alone. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'] as const;

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Takes the connection over and runs the command on it. The answer comes at once; the session goes on by itself and ends with the connection. */
export function serveWebSocketExec(upgrade: Upgrade, options: PodExecOptions, run: RunExec, signal: AbortSignal): Answer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => PROTOCOLS.find((one) => offered.has(one)) ?? false,
  });
  server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
    session(socket, options, run, signal).catch(() => socket.terminate());
  });
  return { type: 'hijacked' };
}

async function session(socket: WebSocket, options: PodExecOptions, run: RunExec, signal: AbortSignal): Promise<void> {
  const base64 = socket.protocol.includes('base64');
  const send = (channel: number, data: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      const message = base64 ? `${channel}${data.toString('base64')}` : Buffer.concat([Buffer.from([channel]), data]);
      // A client that is gone is noticed by its close event; what it no longer reads is dropped.
      socket.send(message, () => resolve());
    });
  const output = (channel: number) =>
    new Writable({
      highWaterMark: 64 * 1024,
      write: (chunk: Buffer, _encoding, done) => void send(channel, chunk).then(() => done()),
    });
  const stdin = options.stdin ? new PassThrough() : undefined;
  const stdout = options.stdout ? output(CHANNEL.stdout) : undefined;
  const stderr = options.stderr ? output(CHANNEL.stderr) : undefined;
  const resize = new SizeQueue();
  const gone = new AbortController();
  socket.on('error', () => gone.abort(new Error('the client connection failed')));
  socket.on('close', () => {
    stdin?.end();
    resize.end();
    gone.abort(new Error('the client closed the connection'));
  });
  socket.on('message', (raw) => {
    const { channel, data } = readMessage(raw, base64);
    if (channel === CHANNEL.stdin && stdin && !stdin.writableEnded) {
      if (!stdin.write(data)) {
        socket.pause();
        stdin.once('drain', () => socket.resume());
      }
    } else if (channel === CHANNEL.close && data[0] === CHANNEL.stdin) stdin?.end();
    else if (channel === CHANNEL.resize) {
      const size = terminalSize(data.toString());
      if (size) resize.push(size);
    }
  });
  const streams: ExecStreams = {
    ...(stdin ? { stdin } : {}),
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    ...(options.tty ? { resize } : {}),
  };
  const status = await run(streams, AbortSignal.any([signal, gone.signal])).then(({ exitCode }) => exitStatus(exitCode), failureStatus);
  for (const stream of [stdout, stderr]) {
    if (!stream) continue;
    stream.end();
    await finished(stream).catch(() => undefined);
  }
  await send(CHANNEL.error, Buffer.from(JSON.stringify(status)));
  resize.end();
  socket.close(1000);
}

function readMessage(raw: RawData, base64: boolean): { readonly channel: number; readonly data: Buffer } {
  const bytes = Array.isArray(raw) ? Buffer.concat(raw) : raw instanceof ArrayBuffer ? Buffer.from(raw) : raw;
  if (!base64) return { channel: bytes[0] ?? -1, data: bytes.subarray(1) };
  return { channel: (bytes[0] ?? 0) - 48, data: Buffer.from(bytes.subarray(1).toString('latin1'), 'base64') };
}
