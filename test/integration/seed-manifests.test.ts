import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, fetchText, root, type TestHome, testHome } from './harness.ts';

const manifests = join(root, 'test/integration/fixtures/seeds');
const modes = process.getuid?.() === 0 ? ['netns', 'loopback'] : ['loopback'];

const server = `require('node:http').createServer((request, response) => {
  if (request.url === '/health' || request.url === '/ready') return response.end('ok');
  response.end([process.env.NODE_ENV, process.env.HOSTNAME].join(' '));
}).listen(3000);
`;

describe.each(modes)('manifests written for a real cluster, unchanged, network %s', (mode) => {
  let home: TestHome;
  let directory: string;
  beforeAll(async () => {
    home = testHome({ DROVER_NETWORK: mode });
    directory = mkdtempSync(join(tmpdir(), 'drover-seeds-'));
    await home.droverOk('daemon', 'start', '--wait');
    writeFileSync(join(home.home, 'kubeconfig'), await home.droverOk('kubeconfig'));
    for (const [name, image] of [
      ['api', 'myregistry/api:v1.2.3'],
      ['my-app', 'my-app:latest'],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'server.js'), server);
      await home.droverOk('image', 'add', image, join(directory, name));
    }
  });
  afterAll(async () => {
    await home.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are applied; a kind that is not served is refused by name and harms nothing else', async () => {
    const { code, stdout, stderr } = await home.kubectl('apply', '-f', join(manifests, 'api.yaml'));
    expect(stdout).toBe('deployment.apps/api created\nservice/api created\n');
    expect(stderr).toContain('no matches for kind "HorizontalPodAutoscaler" in version "autoscaling/v2"');
    expect(code).toBe(1);
    expect((await home.kubectlOld('apply', '-f', join(manifests, 'my-app.yaml'))).stdout).toBe('deployment.apps/my-app created\n');
    expect((await home.kubectl('apply', '-f', join(manifests, 'my-app.yaml'))).stdout).toBe('deployment.apps/my-app unchanged\n');
    // Kubernetes stores 1000m as 1, which kubectl takes for a difference every time; nothing changes by it.
    expect((await home.kubectl('apply', '-f', join(manifests, 'api.yaml'))).stdout).toMatch(
      /^deployment.apps\/api (configured|unchanged)\nservice\/api unchanged\n$/,
    );
    expect(
      await home.kubectlOk('get', 'deployment', 'api', '-o', 'jsonpath={.metadata.generation} {.spec.template.spec.containers[0].resources.limits.cpu}'),
    ).toBe('1 1');
  });

  it('reach Available: ten replicas of half a CPU each on whatever this machine has', async () => {
    for (const name of ['api', 'my-app']) await home.kubectlOk('rollout', 'status', `deployment/${name}`, '--timeout=90s');
    expect(await home.kubectlOk('get', 'deployments', '--no-headers')).toMatch(/api\s+10\/10\s+10\s+10\s.*\nmy-app\s+3\/3\s+3\s+3/);
    await home.kubectlOk('wait', '--for=condition=Available', 'deployment/api', 'deployment/my-app', '--timeout=10s');
    const requests = await home.kubectlOk('get', 'pods', '-l', 'app=api', '-o', 'jsonpath={.items[*].spec.containers[0].resources.requests.cpu}');
    expect(requests.split(' ')).toEqual(Array.from({ length: 10 }, () => '500m'));
  });

  it('serve through their Service, each replica its share, with what the manifest sets', async () => {
    const address = await home.kubectlOk('get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}');
    const port = mode === 'netns' ? '' : `:${await home.kubectlOk('get', 'service', 'api', '-o', 'jsonpath={.spec.ports[0].nodePort}')}`;
    const url = `http://${mode === 'netns' ? address : '127.0.0.1'}${port}/`;
    await eventually('all replicas are in rotation', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => fetchText(url)));
      expect(answers.every(({ text }) => /^production api-\w+-\w{5}$/.test(text))).toBe(true);
      return new Set(answers.map(({ text }) => text)).size >= 8;
    });
  });

  it('are more than a small machine has, which the status says, with what to do', async () => {
    const status = await home.droverOk('status');
    const node = await home.kubectlOk('describe', 'node');
    expect(node).toMatch(/cpu\s+5300m/);
    if (availableParallelism() * 1000 < 5300) {
      expect(status).toContain('Overcommitted: CPU requests exceed what is allocatable');
      expect(status).toContain('drover.dev/overcommit=strict');
    } else expect(status).not.toContain('Overcommitted');
  });

  it('are deleted again completely', async () => {
    const { stdout } = await home.kubectl('delete', '-f', join(manifests, 'api.yaml'), '-f', join(manifests, 'my-app.yaml'));
    expect(stdout).toContain('deployment.apps "api" deleted');
    await eventually('no pod is left', async () => (await home.kubectlOk('get', 'pods', '-o', 'name')) === '', 60_000);
  });
});
