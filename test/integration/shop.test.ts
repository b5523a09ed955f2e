import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, fetchText, root, type TestHome, testHome } from './harness.ts';

const services = ['product-service', 'payment-service', 'order-service'];
const modes = process.getuid?.() === 0 ? ['netns', 'loopback'] : ['loopback'];
const shop = join(root, 'examples/shop');

describe.each(modes)('the shop by kubectl, network %s', (mode) => {
  let home: TestHome;
  let next: string;
  beforeAll(async () => {
    home = testHome({ DROVER_NETWORK: mode });
    next = mkdtempSync(join(tmpdir(), 'drover-shop-'));
    await home.droverOk('daemon', 'start', '--wait');
    for (const service of services) await home.droverOk('image', 'add', `${service}:v1.0.0`, join(shop, 'services', service));
  });
  afterAll(async () => {
    await home.end();
    rmSync(next, { recursive: true, force: true });
  });

  it('is created by the first apply and unchanged by the second', async () => {
    const first = await home.kubectlOk('apply', '-f', shop, '-R');
    expect(first).toContain('deployment.apps/product-service created');
    const second = await home.kubectlOk('apply', '-f', shop, '-R');
    expect(
      second
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith(' unchanged')),
    ).toEqual([]);
  });

  it('comes up, and rollout status says so', async () => {
    for (const service of services) {
      expect(await home.kubectlOk('rollout', 'status', `deployment/${service}`, '-n', 'backend', '--timeout=60s')).toContain(
        `deployment "${service}" successfully rolled out`,
      );
    }
  });

  it('sells: an order passes three services', async () => {
    const page = await fetchText('http://127.0.0.1:30080/');
    expect(page.text).toContain("The drovers' shop");
    const answer = await fetch('http://127.0.0.1:30080/orders', { method: 'POST', body: JSON.stringify({ product: 'collar', quantity: 2 }) });
    expect(await answer.json()).toMatchObject({ product: 'Leather collar with bell', cents: 4900, payment: expect.any(String) });
  });

  it('shows what a Kubernetes user expects of get', async () => {
    const pods = (await home.kubectlOk('get', 'pods', '-n', 'backend')).trim().split('\n');
    expect(pods[0]).toMatch(/^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE$/);
    expect(pods).toHaveLength(7);
    for (const line of pods.slice(1)) expect(line).toMatch(/^\S+-\w+-\w{5}\s+1\/1\s+Running\s+0\s+\d+s$/);
    expect((await home.kubectlOk('get', 'pods', '--all-namespaces')).split('\n')[0]).toMatch(/^NAMESPACE\s+NAME/);
    const all = await home.kubectlOk('get', 'services', '--all-namespaces');
    expect(all).toMatch(/default\s+kubernetes\s+ClusterIP/);
    expect(all).toMatch(/backend\s+shop\s+NodePort\s+\S+\s+<none>\s+80:30080\/TCP/);
    expect(await home.kubectlOk('get', 'deployments', '--all-namespaces')).toMatch(/backend\s+order-service\s+2\/2\s+2\s+2/);
    const endpoints = (await home.kubectl('get', 'endpoints', '-n', 'backend')).stdout;
    expect(endpoints).toMatch(/product-service\s+[\d.]+:8000,[\d.]+:8000/);
    const ips = (await home.kubectlOk('get', 'pods', '-n', 'backend', '-o', 'jsonpath={.items[*].status.podIP}')).split(' ');
    expect(new Set(ips).size).toBe(6);
  });

  it('describes a pod with probes, events and all', async () => {
    const name = (await home.kubectlOk('get', 'pods', '-n', 'backend', '-l', 'app=product-service', '-o', 'name')).split('\n')[0] ?? '';
    const text = await home.kubectlOk('describe', name, '-n', 'backend');
    expect(text).toMatch(/Liveness:\s+http-get http:\/\/:http\/health delay=0s timeout=1s period=10s #success=1 #failure=3/);
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(text).toMatch(new RegExp(`Normal\\s+${reason}`));
    const events = await home.kubectlOk('get', 'events', '-n', 'backend', '--sort-by=.lastTimestamp');
    expect(events).toMatch(/ScalingReplicaSet\s+deployment\/product-service\s+Scaled up replica set/);
  });

  it('logs, follows and executes', async () => {
    expect(await home.kubectlOk('logs', 'deployment/product-service', '-n', 'backend')).toContain('product-service listens on 8000');
    const name = (await home.kubectlOk('get', 'pods', '-n', 'backend', '-l', 'app=product-service', '-o', 'jsonpath={.items[0].metadata.name}')).trim();
    const health =
      mode === 'netns'
        ? ['curl', '-s', 'http://localhost:8000/health']
        : ['node', '-e', "fetch('http://localhost:8000/health').then(async (answer) => console.log(await answer.text()))"];
    expect(await home.kubectlOk('exec', name, '-n', 'backend', '--', ...health)).toContain('"status":"ok"');
    expect((await home.kubectl('exec', name, '-n', 'backend', '--', 'sh', '-c', 'exit 7')).code).toBe(7);
    const names =
      mode === 'netns'
        ? [
            'sh',
            '-c',
            'for n in payment-service payment-service.backend payment-service.backend.svc payment-service.backend.svc.cluster.local; do getent hosts $n; done',
          ]
        : [
            'node',
            '-e',
            "const dns=require('dns/promises');(async()=>{for(const n of ['payment-service','payment-service.backend','payment-service.backend.svc','payment-service.backend.svc.cluster.local'])console.log((await dns.lookup(n)).address)})()",
          ];
    const address = (await home.kubectlOk('get', 'service', 'payment-service', '-n', 'backend', '-o', 'jsonpath={.spec.clusterIP}')).trim();
    const found = (await home.kubectlOk('exec', name, '-n', 'backend', '--', ...names)).trim().split('\n');
    expect(found.map((line) => line.split(/\s/)[0])).toEqual([address, address, address, address]);
  });

  it('scales', async () => {
    await home.kubectlOk('scale', 'deployment/product-service', '--replicas=3', '-n', 'backend');
    await home.kubectlOk('rollout', 'status', 'deployment/product-service', '-n', 'backend', '--timeout=30s');
    expect(await home.kubectlOk('get', 'deployment', 'product-service', '-n', 'backend')).toMatch(/3\/3/);
    await home.kubectlOk('scale', 'deployment/product-service', '--replicas=2', '-n', 'backend');
  });

  it('changes to another build of the code by set image, and back by undo', async () => {
    cpSync(join(shop, 'services'), next, { recursive: true });
    await home.droverOk('image', 'add', 'product-service:v2.0.0', join(next, 'product-service'));
    await home.kubectlOk('set', 'image', 'deployment/product-service', 'product-service=product-service:v2.0.0', '-n', 'backend');
    await home.kubectlOk('rollout', 'status', 'deployment/product-service', '-n', 'backend', '--timeout=60s');
    expect((await home.kubectlOk('rollout', 'history', 'deployment/product-service', '-n', 'backend')).trim().split('\n')).toHaveLength(4);
    await home.kubectlOk('rollout', 'undo', 'deployment/product-service', '-n', 'backend');
    await home.kubectlOk('rollout', 'status', 'deployment/product-service', '-n', 'backend', '--timeout=60s');
    expect(await home.kubectlOk('get', 'deployment', 'product-service', '-n', 'backend', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'product-service:v1.0.0',
    );
  });

  it('ends with its namespace, and nothing stays', async () => {
    await home.kubectlOk('delete', 'namespace', 'backend', '--timeout=60s');
    await eventually('the namespace is gone', async () => (await home.kubectl('get', 'namespace', 'backend')).code !== 0);
    expect((await home.kubectl('get', 'pods', '-n', 'backend')).stderr).toContain('No resources found');
  });
});
