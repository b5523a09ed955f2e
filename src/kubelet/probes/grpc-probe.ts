import { connect } from 'node:http2';
import type { ProbeAnswer } from './probe-state.ts';

const STATUS_NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** The framed HealthCheckRequest{service}: one length-delimited field, after gRPC's five bytes. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

/** The status in a framed HealthCheckResponse; undefined when it cannot be read. An absent field is UNKNOWN (0). */
export function healthStatus(frame: Buffer): string | undefined {
  if (frame.length < 5 || frame[0] !== 0) return undefined;
  const message = frame.subarray(5, 5 + frame.readUInt32BE(1));
  if (message.length === 0) return STATUS_NAMES[0];
  return message[0] === 0x08 ? STATUS_NAMES[message[1] ?? 0] : undefined;
}

/** Asks grpc.health.v1.Health/Check over plain HTTP/2. SERVING is success. Never rejects. */
export function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeAnswer> {
  const address = `${host}:${port}`;
  return new Promise((resolve) => {
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
    const finish = (answer: ProbeAnswer): void => {
      deadline.removeEventListener('abort', onTimeout);
      session.destroy();
      resolve(answer);
    };
    const fail = (message: string): void => finish({ outcome: 'failure', message });
    const onTimeout = (): void => fail(`timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: context deadline exceeded`);
    const deadline = AbortSignal.timeout(timeoutMs);
    deadline.addEventListener('abort', onTimeout);
    session.on('error', (error) => fail(`failed to connect service at "${address}": ${error.message}`));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.33',
    });
    const chunks: Buffer[] = [];
    let grpcStatus = '';
    const note = (headers: { readonly [name: string]: unknown }): void => {
      const status = headers['grpc-status'];
      if (typeof status === 'string') grpcStatus = status;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error) => fail(`error: health rpc failed: ${error.message}`));
    stream.on('end', () => {
      if (grpcStatus === '12') return fail(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): status ${grpcStatus}`);
      if (grpcStatus !== '' && grpcStatus !== '0') return fail(`service unhealthy (rpc status ${grpcStatus})`);
      const status = healthStatus(Buffer.concat(chunks));
      return status === 'SERVING'
        ? finish({ outcome: 'success', message: 'service healthy' })
        : fail(`service unhealthy (responded with "${status ?? 'nothing readable'}")`);
    });
    stream.end(healthRequest(service));
  });
}
