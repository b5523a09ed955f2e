import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecStreams, PodExecOptions, PodStreams } from '../../src/apimachinery/index.ts';
import { type ApiServer, createApiServer, ensurePki, writeKubeconfig } from '../../src/apiserver/index.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { systemClock } from '../../src/std/index.ts';
import { createMemoryStore } from '../../src/storage/index.ts';
import { command } from './harness.ts';

const kubectlProgram = process.env['KUBECTL'] ?? 'kubectl';

/** A node agent that knows one command: it says back what it got, and ends with the code it was told. */
const echo: PodStreams = {
  logs: async () =>
    (async function* () {
      yield Buffer.from('one line of log\n');
    })(),
  async exec(_namespace, _pod, { command: words }: PodExecOptions, streams: ExecStreams) {
    for await (const chunk of streams.stdin ?? []) streams.stdout?.write(chunk);
    streams.stdout?.write(words.join(' '));
    return { exitCode: Number(words.at(-1)) || 0 };
  },
};

const pod = (label: string) => `apiVersion: v1
kind: Pod
metadata: { name: p, labels: { app: ${label} } }
spec: { nodeName: n1, containers: [{ name: c, image: nginx }] }
`;

describe(`real kubectl (${kubectlProgram}) against the API server`, () => {
  let directory: string;
  let server: ApiServer;
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (args: readonly string[], input?: string) =>
    command(kubectlProgram, args, {
      env: { ...process.env, KUBECONFIG: join(directory, 'kubeconfig'), HOME: directory, EDITOR: 'sed -i s/edit-me/edited/' },
      ...(input === undefined ? {} : { input }),
    });
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout.trim();
  };
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await run(args);
    expect(code).not.toBe(0);
    return stderr.trim();
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drover-kubectl-'));
    const pki = await ensurePki({ directory: join(directory, 'pki'), serverNames: ['localhost', '127.0.0.1'], clock: systemClock });
    server = await createApiServer({
      store: createMemoryStore(),
      kinds: KINDS,
      clock: systemClock,
      version: { kubernetes: '1.33', drover: '0.1.0' },
      streams: () => echo,
      secretsKey: pki.secretsKey,
    });
    const listener = await server.listenHttps({ host: '127.0.0.1', port: 0 }, { ...pki.server, authority: pki.authority });
    await server.bootstrap({ address: '127.0.0.1', port: listener.port });
    await writeKubeconfig(join(directory, 'kubeconfig'), { name: 'test', server: `https://127.0.0.1:${listener.port}`, pki });
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('reads version, health, discovery and who it is', async () => {
    expect(await kubectl('get', '--raw', '/version')).toContain('"gitVersion":"v1.33.0+drover-0.1.0"');
    expect(await kubectl('get', '--raw', '/readyz?verbose')).toContain('[+]ping ok');
    expect(await kubectl('cluster-info')).toContain('is running at');
    const resources = await kubectl('api-resources', '--no-headers');
    for (const kind of KINDS) expect(resources).toMatch(new RegExp(`^${kind.plural}\\s.*${kind.kind}$`, 'm'));
    expect(await kubectl('auth', 'can-i', 'create', 'pods')).toBe('yes');
    const whoami = await run(['auth', 'whoami']);
    if (whoami.code === 0) expect(whoami.stdout).toContain('kubernetes-admin');
  });

  it('applies: created, unchanged, configured; diff says what would change', async () => {
    const first = file('pod.yaml', pod('one'));
    expect(await kubectl('apply', '-f', first)).toBe('pod/p created');
    expect(await kubectl('apply', '-f', first)).toBe('pod/p unchanged');
    const second = file('pod2.yaml', pod('two'));
    expect((await run(['diff', '-f', second])).stdout).toContain('+    app: two');
    expect(await kubectl('apply', '-f', second, '--dry-run=server')).toBe('pod/p configured (server dry run)');
    expect(await kubectl('get', 'pod', 'p', '-o', 'jsonpath={.metadata.labels.app}')).toBe('one');
    expect(await kubectl('apply', '-f', second)).toBe('pod/p configured');
    expect((await run(['diff', '-f', second])).code).toBe(0);
  });

  it('prints: tables, wide, yaml, names, custom columns, selectors', async () => {
    expect(await kubectl('get', 'pods')).toMatch(/NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\np\s+0\/1\s+Pending/);
    expect(await kubectl('get', 'pods', '-o', 'wide')).toMatch(/IP\s+NODE\s+NOMINATED NODE/);
    expect(await kubectl('get', 'pods', '-A', '--show-labels')).toMatch(/^NAMESPACE\s+NAME/);
    expect(await kubectl('get', 'pod', 'p', '-o', 'yaml')).toContain('terminationGracePeriodSeconds: 30');
    expect(await kubectl('get', 'pods', '-l', 'app in (two)', '-o', 'name')).toBe('pod/p');
    expect(await kubectl('get', 'pods', '--field-selector', 'spec.nodeName=n1,metadata.name!=q', '-o', 'name')).toBe('pod/p');
    expect(await kubectl('get', 'pods', '-o', 'custom-columns=N:.metadata.name,I:.spec.containers[*].image', '--no-headers')).toMatch(/^p\s+nginx$/);
    expect(await kubectl('describe', 'pod', 'p')).toContain('QoS Class:');
    expect(await kubectl('explain', 'deployment.spec.replicas')).toContain('FIELD: replicas <integer>');
    expect(await refusal('get', 'pods', '--field-selector', 'spec.nothing=1')).toContain('field label not supported: spec.nothing');
  });

  it('patches in every way, labels, annotates and edits', async () => {
    await kubectl('patch', 'pod', 'p', '-p', '{"metadata":{"labels":{"a":"1"}}}');
    await kubectl('patch', 'pod', 'p', '--type=merge', '-p', '{"metadata":{"labels":{"b":"2"}}}');
    await kubectl('patch', 'pod', 'p', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/c","value":"edit-me"}]');
    expect(await kubectl('edit', 'pod', 'p')).toContain('pod/p edited');
    expect(JSON.parse(await kubectl('get', 'pod', 'p', '-o', 'jsonpath={.metadata.labels}'))).toEqual({ app: 'two', a: '1', b: '2', c: 'edited' });
    expect(await kubectl('label', 'pod', 'p', 'a-')).toBe('pod/p unlabeled');
    expect(await kubectl('annotate', 'pod', 'p', 'note=x')).toMatch(/^pod\/p annotated?$/);
    expect(await refusal('patch', 'pod', 'p', '-p', '{"spec":{"containers":[{"name":"c","command":["x"]}]}}')).toContain(
      'pod updates may not change fields other than',
    );
  });

  it('applies on the server with owners and conflicts', async () => {
    const map = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: owned }\ndata: { k: "${value}" }\n`;
    expect(await kubectl('apply', '--server-side', '-f', file('a.yaml', map('a')))).toBe('configmap/owned serverside-applied');
    const other = file('b.yaml', map('b'));
    expect(await refusal('apply', '--server-side', '--field-manager=other', '-f', other)).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl": .data.k',
    );
    await kubectl('apply', '--server-side', '--field-manager=other', '--force-conflicts', '-f', other);
    expect(await kubectl('get', 'cm', 'owned', '-o', 'jsonpath={.data.k}')).toBe('b');
    await kubectl('apply', '--server-side', '-f', file('pod.yaml', pod('three')), '--force-conflicts');
    expect(await kubectl('get', 'pod', 'p', '-o', 'jsonpath={.metadata.labels.app}')).toBe('three');
  });

  it('creates by generators, scales and sets images', async () => {
    await kubectl('create', 'deployment', 'web', '--image=nginx:1', '--replicas=2');
    expect(await kubectl('scale', 'deployment/web', '--replicas=3')).toBe('deployment.apps/web scaled');
    await kubectl('set', 'image', 'deployment/web', 'nginx=nginx:2');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas} {.metadata.generation} {.spec.template.spec.containers[0].image}')).toBe(
      '3 3 nginx:2',
    );
    await kubectl('expose', 'deployment', 'web', '--port=80', '--type=NodePort');
    expect(await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}')).toMatch(/^10\.96\.\d+\.\d+ 3\d{4}$/);
    await kubectl('create', 'secret', 'generic', 's', '--from-literal=k=v');
    expect(await kubectl('get', 'secret', 's', '-o', 'jsonpath={.data.k}')).toBe('dg==');
    await kubectl('create', 'configmap', 'cm', '--from-literal=k=v');
    await kubectl('create', 'serviceaccount', 'sa');
    expect(await refusal('create', 'configmap', 'cm', '--from-literal=k=v')).toContain('configmaps "cm" already exists');
    expect(await refusal('create', 'service', 'nodeport', 'low', '--tcp=80', '--node-port=80')).toContain(
      'provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  it('watches and waits', async () => {
    const watching = run(['get', 'configmaps', 'cm', '--watch', '--request-timeout=3s', '-o', 'jsonpath={.data.k}{"\\n"}']);
    const waiting = kubectl('wait', '--for=jsonpath={.data.k}=w', 'configmap/cm', '--timeout=20s');
    await kubectl('patch', 'configmap', 'cm', '--type=merge', '-p', '{"data":{"k":"w"}}');
    expect(await waiting).toBe('configmap/cm condition met');
    expect((await watching).stdout.trim().split('\n').at(-1)).toBe('w');
  });

  it('runs commands, reads logs, passes exit codes on', async () => {
    expect(await kubectl('logs', 'p')).toBe('one line of log');
    expect(await kubectl('exec', 'p', '--', 'said', '0')).toBe('said 0');
    expect((await run(['exec', '-i', 'p', '--', 'x', '3'], 'typed ')).stdout).toBe('typed x 3');
    expect((await run(['exec', 'p', '--', 'x', '3'])).code).toBe(3);
  });

  it('refuses what is wrong with the words of Kubernetes', async () => {
    const unknown = file('unknown.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: u }\nspec: { a: 1 }\n');
    expect(await refusal('create', '-f', unknown)).toContain('unknown field "spec"');
    const lenient = await run(['create', '--validate=warn', '-f', unknown]);
    expect(lenient.stderr).toContain('unknown field "spec"');
    const typed = file('typed.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: t }\ndata: { a: 1 }\n');
    expect(await refusal('create', '--validate=false', '-f', typed)).toContain('cannot unmarshal number into Go struct field ConfigMap.data of type string');
    expect(await refusal('create', 'configmap', 'Upper')).toContain('a lowercase RFC 1123 subdomain must consist of');
    expect(await refusal('create', 'configmap', 'x', '-n', 'nowhere')).toContain('namespaces "nowhere" not found');
    expect(await refusal('get', 'pod', 'nothing')).toBe('Error from server (NotFound): pods "nothing" not found');
    const stale = JSON.parse(await kubectl('get', 'configmap', 'cm', '-o', 'json')) as { metadata: { resourceVersion: string } };
    stale.metadata.resourceVersion = '1';
    expect(await refusal('replace', '-f', file('stale.json', JSON.stringify(stale)))).toContain(
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('deletes: gracefully, by force, leaving orphans, in the foreground, namespaces last', async () => {
    await kubectl('delete', 'pod', 'p', '--wait=false');
    expect(await kubectl('get', 'pod', 'p', '-o', 'jsonpath={.metadata.deletionGracePeriodSeconds}')).toBe('30');
    expect(await kubectl('get', 'pods', '--no-headers')).toContain('Terminating');
    await kubectl('delete', 'pod', 'p', '--force', '--grace-period=0');
    expect(await refusal('get', 'pod', 'p')).toContain('not found');
    await kubectl('delete', 'deployment', 'web', '--cascade=orphan', '--wait=false');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.finalizers}')).toBe('["orphan"]');
    await kubectl('delete', 'deployment', 'web', '--cascade=foreground', '--wait=false');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.finalizers}')).toBe('["foregroundDeletion"]');
    await kubectl('patch', 'deployment', 'web', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]');
    expect(await refusal('get', 'deployment', 'web')).toContain('not found');
    await kubectl('delete', 'configmap', '--all');
    await kubectl('create', 'namespace', 'going');
    await kubectl('delete', 'namespace', 'going', '--wait=false');
    expect(await kubectl('get', 'namespace', 'going', '-o', 'jsonpath={.status.phase}')).toBe('Terminating');
    expect(await refusal('create', 'configmap', 'late', '-n', 'going')).toContain('because it is being terminated');
    expect(await refusal('delete', 'namespace', 'default')).toContain('this namespace may not be deleted');
  });
});
