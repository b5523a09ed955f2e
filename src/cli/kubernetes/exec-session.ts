import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { isMap, type Status } from '../../apimachinery/index.ts';
import type { Connection, Context } from '../context.ts';
import { CliError } from '../errors.ts';

/** Channels of v5.channel.k8s.io: the first byte of each message. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string | undefined;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Runs a command beside a container, with this terminal's streams. Resolves with the command's exit code. */
export async function execSession(context: Context, connection: Connection, request: ExecRequest): Promise<number> {
  const socket = await openSocket(connection, request);
  const { io } = context;
  const raw = request.tty && request.stdin && io.stdinIsTty && 'setRawMode' in io.stdin;
  const setRaw = (on: boolean): void => {
    if (raw) (io.stdin as NodeJS.ReadStream).setRawMode(on);
  };
  const send = (channel: number, data: Uint8Array): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const sendSize = (): void => {
    const { columns, rows } = io.stdout as NodeJS.WriteStream;
    if (columns && rows) send(RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows })));
  };
  const onInput = (part: Buffer): void => send(STDIN, part);
  const onEnd = (): void => send(CLOSE, Buffer.from([STDIN]));
  try {
    return await new Promise<number>((resolve, reject) => {
      let status: Status | undefined;
      socket.on('message', (data) => {
        const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer);
        const rest = bytes.subarray(1);
        if (bytes[0] === STDOUT) io.stdout.write(rest);
        else if (bytes[0] === STDERR) io.stderr.write(rest);
        else if (bytes[0] === ERROR && rest.length > 0) status = statusOf(rest.toString('utf8'));
      });
      socket.on('close', (code, reason) => {
        if (status) exitOf(status, resolve, reject);
        else reject(new CliError(`the connection was closed before the command ended (${code}${reason.length > 0 ? ` ${reason.toString()}` : ''})`));
      });
      socket.on('error', reject);
      context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
      setRaw(true);
      if (request.tty) {
        sendSize();
        io.stdout.on('resize', sendSize);
      }
      if (request.stdin) io.stdin.on('data', onInput).once('end', onEnd);
    });
  } finally {
    setRaw(false);
    io.stdout.off('resize', sendSize);
    io.stdin.off('data', onInput).off('end', onEnd);
    io.stdin.pause();
    socket.terminate();
  }
}

async function openSocket(connection: Connection, request: ExecRequest): Promise<WebSocket> {
  const query = new URLSearchParams();
  for (const word of request.command) query.append('command', word);
  if (request.container) query.set('container', request.container);
  for (const [name, on] of Object.entries({ stdin: request.stdin, stdout: true, stderr: !request.tty, tty: request.tty })) if (on) query.set(name, 'true');
  const path = `/api/v1/namespaces/${encodeURIComponent(request.namespace)}/pods/${encodeURIComponent(request.pod)}/exec?${query.toString()}`;
  const protocols = ['v5.channel.k8s.io'];
  let socket: WebSocket;
  if (connection.cluster) {
    const { request: options, headers } = await connection.cluster.options();
    const { server } = connection.cluster;
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const tls = Object.fromEntries(Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined));
    socket = new WebSocket(`${server.protocol === 'https:' ? 'wss' : 'ws'}://${server.host}${server.pathname.replace(/\/$/, '')}${path}`, protocols, {
      ...tls,
      headers,
    });
  } else socket = new WebSocket(`ws+unix:${connection.local?.apiSocket}:${path}`, protocols);
  return await new Promise<WebSocket>((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString('utf8');
      });
      response.on('end', () => reject(new CliError(`exec was refused: ${statusOf(text)?.message ?? `the server answered ${response.statusCode}`}`)));
    });
  });
}

function statusOf(text: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isMap(parsed) && parsed['kind'] === 'Status' ? (parsed as unknown as Status) : undefined;
  } catch {
    // A proxy's page is no Status: the caller tells the status code.
    return undefined;
  }
}

function exitOf(status: Status, resolve: (code: number) => void, reject: (error: Error) => void): void {
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status.status === 'Success') resolve(0);
  else if (status.reason === 'NonZeroExitCode' && code !== undefined) resolve(Number(code));
  else reject(new CliError(status.message ?? 'the command could not be run'));
}
