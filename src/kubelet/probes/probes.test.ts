import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Container } from '../../kinds/index.ts';
import { ManualClock, settled } from '../testing/manual-clock.ts';
import { startProber } from './container-prober.ts';
import { healthRequest, healthStatus, probeGrpc } from './grpc-probe.ts';
import { httpTarget, probeHttp } from './http-probe.ts';
import { afterAnswer, UNPROBED } from './probe-state.ts';
import { portNumber } from './run-probe.ts';
import { probeTcp } from './tcp-probe.ts';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) one.close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const http = (port: number, path: string, limitMs: number = 1_000) => probeHttp(httpTarget({ port, path }, '127.0.0.1', port), limitMs);

describe('an HTTP probe', () => {
  it('takes 200 to 399 as success, follows redirects to itself and sends its headers', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/ok' }).end();
      else if (request.url === '/away') response.writeHead(302, { location: 'http://example.invalid/' }).end();
      else response.writeHead(request.headers['user-agent'] === 'mine' || request.url === '/ok' ? 200 : 503).end('body');
    });
    expect(await http(port, '/ok')).toEqual({ outcome: 'success', message: 'body' });
    expect((await http(port, '/moved')).outcome).toBe('success');
    expect((await http(port, '/away')).outcome).toBe('success');
    expect(await http(port, '/')).toEqual({ outcome: 'failure', message: 'HTTP probe failed with statuscode: 503' });
    const mine = httpTarget({ port, path: '/', httpHeaders: [{ name: 'User-Agent', value: 'mine' }] }, '127.0.0.1', port);
    expect((await probeHttp(mine, 1_000)).outcome).toBe('success');
  });

  it("tells failures in Go's words", async () => {
    const port = await serve(() => undefined);
    expect((await http(port, '/x', 30)).message).toBe(
      `Get "http://127.0.0.1:${port}/x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
    expect((await http(1, '/')).message).toBe('Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused');
    expect(await probeTcp('127.0.0.1', 1, 500)).toEqual({ outcome: 'failure', message: 'dial tcp 127.0.0.1:1: connect: connection refused' });
    expect((await probeTcp('127.0.0.1', port, 500)).outcome).toBe('success');
  });
});

describe('a gRPC probe', () => {
  it('speaks the health protocol', async () => {
    const asked: Buffer[] = [];
    const server = createHttp2();
    servers.push(server);
    server.on('stream', (stream) => {
      stream.on('data', (chunk: Buffer) => {
        asked.push(chunk);
        const serving = !chunk.includes('bad');
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, serving ? 1 : 2]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const port = (server.address() as AddressInfo).port;
    expect(await probeGrpc('127.0.0.1', port, 'shop', 1_000)).toEqual({ outcome: 'success', message: 'service healthy' });
    expect(await probeGrpc('127.0.0.1', port, 'bad', 1_000)).toEqual({ outcome: 'failure', message: 'service unhealthy (responded with "NOT_SERVING")' });
    expect(asked[0]).toEqual(healthRequest('shop'));
    expect((await probeGrpc('127.0.0.1', 1, '', 500)).outcome).toBe('failure');
  });

  it('encodes and decodes by hand', () => {
    expect(healthRequest('a')).toEqual(Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x61]));
    expect(healthRequest('x'.repeat(200)).subarray(5, 8)).toEqual(Buffer.from([0x0a, 0xc8, 0x01]));
    expect(healthStatus(Buffer.from([0, 0, 0, 0, 0]))).toBe('UNKNOWN');
    expect(healthStatus(Buffer.from([0]))).toBeUndefined();
  });
});

describe('thresholds', () => {
  it('count answers in a row', () => {
    const good = { outcome: 'success', message: '' } as const;
    const bad = { outcome: 'failure', message: '' } as const;
    const verdicts = (answers: readonly (typeof good | typeof bad)[], probe: { readonly successThreshold?: number; readonly failureThreshold?: number }) => {
      let state = UNPROBED;
      return answers.map((answer) => {
        state = afterAnswer(state, answer, probe);
        return state.verdict;
      });
    };
    expect(verdicts([bad, bad, bad, good], {})).toEqual(['unknown', 'unknown', 'failure', 'success']);
    expect(verdicts([good, bad, good, good], { successThreshold: 2 })).toEqual(['unknown', 'unknown', 'unknown', 'success']);
    expect(verdicts([good, bad, good, bad, bad], { failureThreshold: 2 })).toEqual(['success', 'success', 'success', 'success', 'failure']);
  });

  it('name ports', () => {
    expect([portNumber(80, []), portNumber('http', [{ name: 'http', containerPort: 8080 }]), portNumber('81', []), portNumber('none', [])]).toEqual([
      80,
      8080,
      81,
      undefined,
    ]);
  });
});

describe('a prober', () => {
  const exec = (command: string) => ({ exec: { command: [command] } });
  function prober(container: Omit<Container, 'name'>, answers: { [command: string]: boolean }, initially = { started: false, ready: false }) {
    const clock = new ManualClock();
    const said: string[] = [];
    const asked: string[] = [];
    const one = startProber({
      container: { name: 'app', ...container },
      target: { containerId: 'c', host: '', ports: [] },
      startedAtMs: clock.now(),
      initially,
      clock,
      random: () => 0.5,
      exec: async (_id, command) => {
        asked.push(command[0] ?? '');
        return { exitCode: answers[command[0] ?? ''] ? 0 : 1, output: 'no', timedOut: false };
      },
      listener: {
        started: () => said.push('started'),
        ready: (ready) => said.push(`ready ${ready}`),
        failed: (kind) => said.push(`failed ${kind}`),
        unhealthy: (kind) => said.push(`unhealthy ${kind}`),
      },
    });
    return { clock, said, asked, close: () => one.close(), answers };
  }

  it('lets liveness wait for startup and gives up after the threshold', async () => {
    const { clock, said, asked, answers, close } = prober(
      { startupProbe: { ...exec('up'), periodSeconds: 5, failureThreshold: 10 }, livenessProbe: { ...exec('live'), periodSeconds: 10 } },
      { up: false, live: true },
    );
    await clock.advance(45_000);
    expect(asked).not.toContain('live');
    expect(said.filter((one) => one === 'unhealthy startup')).toHaveLength(9);
    answers['up'] = true;
    await clock.advance(5_000);
    expect(said.at(-1)).toBe('started');
    answers['live'] = false;
    await clock.advance(31_000);
    expect(said.slice(-4)).toEqual(['unhealthy liveness', 'unhealthy liveness', 'unhealthy liveness', 'failed liveness']);
    await close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is in rotation as soon as it serves, out after three failures, and in again', async () => {
    const { clock, said, answers, close } = prober({ readinessProbe: { ...exec('ready'), periodSeconds: 10 } }, { ready: false });
    await clock.advance(300);
    expect(said).toEqual([]);
    answers['ready'] = true;
    await clock.advance(1_000);
    expect(said).toEqual(['ready true']);
    answers['ready'] = false;
    await clock.advance(30_000);
    expect(said.slice(1)).toEqual(['unhealthy readiness', 'unhealthy readiness', 'unhealthy readiness', 'ready false']);
    answers['ready'] = true;
    await clock.advance(10_000);
    expect(said.at(-1)).toBe('ready true');
    await close();
  });

  it('of an adopted container keeps its standing and asks at a random time of the period', async () => {
    const { clock, said, asked, close } = prober(
      { readinessProbe: { ...exec('ready'), initialDelaySeconds: 5 } },
      { ready: true },
      { started: true, ready: true },
    );
    await clock.advance(4_900);
    expect(asked).toEqual([]);
    await clock.advance(200);
    await settled();
    expect(asked).toEqual(['ready']);
    expect(said).toEqual([]);
    await close();
  });
});
