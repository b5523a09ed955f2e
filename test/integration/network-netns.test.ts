import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoNamespaces } from '../../src/network/ranges/probe.ts';
import { ask, canConnect, NetworkUnderTest, serviceOf, sliceOf, until } from './network-harness.ts';

const execute = promisify(execFile);
const reason = await whyNoNamespaces();
if (reason) console.log(`network-netns: skipped, ${reason}`);

describe.skipIf(reason !== undefined)('a network namespace per pod', () => {
  const test = new NetworkUnderTest();
  let address: string;
  const inPod = async (uid: string, ...command: string[]): Promise<string> => {
    const { netnsPath, resolvConf, etcHosts } = await test.network.attach({ uid, namespace: 'shop', name: uid, hostNetwork: false });
    const mounts = `mount --bind ${resolvConf} /etc/resolv.conf && mount --bind ${etcHosts} /etc/hosts && exec "$@"`;
    const { stdout } = await execute('nsenter', [`--net=${netnsPath}`, 'unshare', '--mount', 'sh', '-c', mounts, 'sh', ...command]);
    return stdout;
  };

  beforeAll(async () => {
    await test.start({ ...process.env, DROVER_NETWORK: 'netns' });
    address = test.ranges.serviceCidr.replace('.0.0/16', '.100.200');
  });
  afterAll(() => test.stop());

  it('gives every pod an address and the same port, and balances a Service address over them', async () => {
    const pods = [await test.app('pod-a', 3000), await test.app('pod-b', 3000)];
    expect(new Set(pods.map((pod) => pod.ip)).size).toBe(2);
    test.objects.put(serviceOf('web', { type: 'NodePort', clusterIP: address, ports: [{ name: 'http', port: 80, targetPort: 3000, nodePort: 30_987 }] }));
    test.objects.put(
      sliceOf(
        'web',
        pods.map(({ ip }) => ({ ip })),
        [{ name: 'http', port: 3000 }],
      ),
    );
    await until(() => canConnect(address, 80));
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(`http://${address}/`)));
    for (const pod of ['pod-a', 'pod-b']) expect(Math.abs(answers.filter((answer) => answer === pod).length - 100)).toBeLessThanOrEqual(2);
    expect(await ask('http://127.0.0.1:30987/')).toMatch(/^pod-/);
    expect(await ask(`http://${test.ranges.nodeAddress}:30987/`)).toMatch(/^pod-/);
  });

  it('answers a Service from inside a pod, by address and by every form of its name', async () => {
    for (const name of [address, 'web', 'web.shop', 'web.shop.svc', 'web.shop.svc.cluster.local', 'web.shop.svc.cluster.local.']) {
      expect(await inPod('pod-a', 'curl', '-sS', '--max-time', '5', `http://${name}/`)).toMatch(/^pod-[ab]$/);
    }
    for (const name of ['web', 'web.shop', 'web.shop.svc', 'web.shop.svc.cluster.local'])
      expect(await inPod('pod-a', 'getent', 'ahostsv4', name)).toContain(address);
    await expect(inPod('pod-a', 'getent', 'hosts', 'nothing.shop.svc.cluster.local')).rejects.toThrow();
    expect(await inPod('pod-a', 'getent', 'hosts', 'pod-a')).toContain(
      (await test.network.attach({ uid: 'pod-a', namespace: 'shop', name: 'pod-a', hostNetwork: false })).ip,
    );
  });

  it("keeps a pod's localhost to itself", async () => {
    expect(await inPod('pod-a', 'curl', '-sS', 'http://localhost:3000/')).toBe('pod-a');
    expect(await inPod('pod-b', 'curl', '-sS', 'http://localhost:3000/')).toBe('pod-b');
  });

  it('repeats an attachment without harm, also in another daemon', async () => {
    const before = await test.network.attach({ uid: 'pod-a', namespace: 'shop', name: 'pod-a', hostNetwork: false });
    await test.network.close();
    await test.startDaemonSide();
    expect(await test.network.attach({ uid: 'pod-a', namespace: 'shop', name: 'pod-a', hostNetwork: false })).toEqual(before);
    expect(await ask(`http://${before.ip}:3000/`)).toBe('pod-a');
  });

  it('attaches a pod within 30 ms and leaves nothing of it when detached', async () => {
    const took: number[] = [];
    for (let n = 0; n < 10; n++) {
      const started = performance.now();
      await test.network.attach({ uid: `quick-${n}`, namespace: 'shop', name: `quick-${n}`, hostNetwork: false });
      took.push(performance.now() - started);
    }
    for (let n = 0; n < 10; n++) await test.network.detach(`quick-${n}`);
    console.log(`attach: median ${took.sort((a, b) => a - b)[5]?.toFixed(1)} ms`);
    expect(took[5]).toBeLessThan(60);
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain('quick');
  });

  it('heals what a crash left half made, and what somebody took away', async () => {
    const identity = { uid: 'half', namespace: 'shop', name: 'half', hostNetwork: false };
    const { netnsPath = '', ip } = await test.network.attach(identity);
    await test.network.detach('half');
    writeFileSync(netnsPath, '');
    const again = await test.network.attach(identity);
    expect(await execute('nsenter', [`--net=${netnsPath}`, 'ip', '-4', '-brief', 'addr', 'show', 'eth0']).then(({ stdout }) => stdout)).toContain(again.ip);
    expect(again.ip).not.toBe(ip);
    const bridge = `drv-${test.home.id}`;
    execFileSync('ip', ['link', 'del', bridge]);
    await test.network.attach(identity);
    // All three cables, those of the pods that run untouched too.
    expect(execFileSync('ip', ['-brief', 'link', 'show', 'master', bridge], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(3);
    await test.network.detach('half');
  });
});
