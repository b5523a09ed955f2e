import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeldSockets } from '../../src/runtimes/process/shim/held-sockets.ts';
import { CHANNEL } from '../../src/runtimes/process/shim/protocol.ts';
import { ask, canConnect, ended, NetworkUnderTest, serviceOf, sliceOf, until } from './network-harness.ts';

/** A proxy whose listening sockets are held by this process, as the shim holds them. */
class HeldNetwork extends NetworkUnderTest {
  readonly sockets = new HeldSockets();

  override async startProxy(): Promise<void> {
    const child: ChildProcess = spawn(process.execPath, [await this.proxyProgram(), '--home', this.home.home], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.adopt(child);
    child.on('internalMessage' as 'message', (message: unknown) => {
      const { cmd, act, id, host, port } = message as { cmd: string; act: string; id: number; host: string; port: number };
      if (cmd !== CHANNEL || act !== 'bind') return;
      try {
        const { socket } = this.sockets.acquire({ host, port, group: 'drover' });
        child.send({ cmd: CHANNEL, act: 'socket', id, host, port }, socket.handle as never);
      } catch (error) {
        child.send({
          cmd: CHANNEL,
          act: 'socket',
          id,
          host,
          port,
          error: { code: 'EADDRINUSE', message: error instanceof Error ? error.message : String(error) },
        });
      }
    });
    this.proxy = child;
  }
}

describe('listening sockets held by another process', () => {
  const test = new HeldNetwork();
  let host: string;
  let url: string;

  beforeAll(async () => {
    await test.start({ ...process.env, DROVER_NETWORK: 'loopback' });
    host = test.ranges.serviceCidr.replace('.0.0/16', '.100.200');
    url = `http://${host}:8080/`;
    const pod = await test.app('pod-a', 3000);
    test.objects.put(serviceOf('web', { type: 'ClusterIP', clusterIP: host, ports: [{ port: 8080, targetPort: 3000 }] }));
    test.objects.put(sliceOf('web', [{ ip: pod.ip }], [{ port: 3000 }]));
    await until(() => canConnect(host, 8080));
  });
  afterAll(async () => {
    await test.stop();
    test.sockets.close();
  });

  it('lets connections wait while no proxy runs, and answers them from the next one', async () => {
    expect(await ask(url)).toBe('pod-a');
    await test.network.close();
    if (test.proxy) await ended(test.proxy);
    const waiting = Promise.all(Array.from({ length: 10 }, () => ask(url)));
    await test.startProxy();
    expect(new Set(await waiting)).toEqual(new Set(['pod-a']));
    await test.startDaemonSide();
  });

  it('makes room for a successor, which serves at once, and keeps the connections it has', async () => {
    const old = test.proxy;
    const connection = createConnection({ host, port: 8080 });
    const request = async (): Promise<string> => {
      connection.write('GET / HTTP/1.1\r\nHost: web\r\n\r\n');
      const [answer] = await once(connection, 'data');
      return String(answer);
    };
    expect(await request()).toContain('pod-a');
    await test.startProxy();
    await until(async () => (await servingPid(test.home.proxySocket)) === test.proxy?.pid);
    expect(await request()).toContain('pod-a');
    old?.kill('SIGTERM');
    expect(await ask(url)).toBe('pod-a');
    expect(await request()).toContain('pod-a');
    connection.destroy();
    await until(() => old?.exitCode === 0);
  });
});

/** The process that answers on the control socket. */
function servingPid(path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write('{"type":"hello","protocol":1}\n'));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    socket.once('data', (text) => {
      resolve(JSON.parse(String(text).split('\n')[0] ?? '').pid);
      socket.destroy();
    });
  });
}
