import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, canConnect, ended, NetworkUnderTest, type RunningApp, serviceOf, sliceOf, until } from './network-harness.ts';

describe('loopback addresses', () => {
  const test = new NetworkUnderTest();
  const pods: (RunningApp & { readonly ip: string })[] = [];
  let url: string;
  let host: string;
  const publish = (ips: readonly string[]) =>
    test.objects.put(
      sliceOf(
        'web',
        ips.map((ip) => ({ ip })),
        [{ name: 'http', port: 3000 }],
      ),
    );

  /** Asks without a pause, eight at a time, until told to stop. */
  const load = () => {
    let running = true;
    const failures: string[] = [];
    let answered = 0;
    const one = async () => {
      while (running) {
        try {
          await ask(url, 60_000);
          answered += 1;
        } catch (error) {
          failures.push(String(error instanceof Error ? (error.cause ?? error) : error));
        }
      }
    };
    const all = Promise.all(Array.from({ length: 8 }, one));
    return {
      answered: () => answered,
      async stop() {
        running = false;
        await all;
        return failures;
      },
    };
  };

  beforeAll(async () => {
    await test.start({ ...process.env, DROVER_NETWORK: 'loopback' });
    host = test.ranges.serviceCidr.replace('.0.0/16', '.100.200');
    url = `http://${host}:8080/`;
    test.objects.put(serviceOf('web', { type: 'ClusterIP', clusterIP: host, ports: [{ name: 'http', port: 8080, targetPort: 3000 }] }));
  });
  afterAll(() => test.stop());

  it('lets a connection wait until the first endpoint is ready', async () => {
    await until(() => canConnect(host, 8080));
    const waiting = ask(url);
    pods.push(await test.app('pod-a', 3000), await test.app('pod-b', 3000));
    publish(pods.map((pod) => pod.ip));
    expect(await waiting).toMatch(/^pod-/);
  });

  it('loses nothing but answers under way when an endpoint is killed under load, before anybody says so', async () => {
    const running = load();
    await until(() => running.answered() > 200);
    await pods[1]?.kill();
    const before = running.answered();
    await until(() => running.answered() > before + 200);
    const failures = await running.stop();
    // An answer that had begun cannot be begun again; of eight clients about half were at the endpoint that died. Nobody is refused.
    expect(failures.filter((failure) => !failure.includes('other side closed'))).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(8);
    expect(await ask(url)).toBe('pod-a');
  });

  it('lets connections wait while every endpoint is down, and serves them when one is back', async () => {
    await pods[0]?.kill();
    const waiting = Promise.all(Array.from({ length: 20 }, () => ask(url)));
    pods[0] = await test.app('pod-a', 3000);
    expect(new Set(await waiting)).toEqual(new Set(['pod-a']));
  });

  it('gives a withdrawn endpoint no new connection from the moment of the acknowledgement, until it is admitted', async () => {
    pods[1] = await test.app('pod-b', 3000);
    const [first, second] = pods as [(typeof pods)[0], (typeof pods)[0]];
    await test.network.withdraw(first.ip);
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => ask(url))))).toEqual(new Set(['pod-b']));
    test.network.admit(first.ip);
    await test.network.withdraw(second.ip);
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => ask(url))))).toEqual(new Set(['pod-a']));
    test.network.admit(second.ip);
  });

  it('serves from the kept table when the proxy starts while the daemon is down', async () => {
    await test.network.close();
    const old = test.proxy;
    expect(await ask(url)).toMatch(/^pod-/);
    if (old) await ended(old);
    await test.startProxy();
    await until(() => canConnect(host, 8080));
    expect(await ask(url)).toMatch(/^pod-/);
    await test.startDaemonSide();
  });

  it('comes back with everything when the proxy is killed', async () => {
    if (test.proxy) await ended(test.proxy);
    await until(() => canConnect(host, 8080));
    expect(await ask(url)).toMatch(/^pod-/);
  });

  it('names the holder of a node port that is taken, and opens it when it is free', async () => {
    const holder = test.launch(process.execPath, ['-e', "require('net').createServer().listen(31999, '127.0.0.1')"], {});
    await until(() => canConnect('127.0.0.1', 31_999));
    test.objects.put(
      serviceOf('taken', {
        type: 'NodePort',
        clusterIP: host.replace('.200', '.201'),
        ports: [{ name: 'http', port: 8080, targetPort: 3000, nodePort: 31_999 }],
      }),
    );
    await until(() => test.events.some((event) => event.reason === 'PortUnavailable'));
    expect(test.events.find((event) => event.reason === 'PortUnavailable')?.message).toContain(`pid ${holder.pid} (`);
    await ended(holder);
    await until(() => test.events.some((event) => event.reason === 'PortAvailable'));
  });
});
