import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, command, eventually, fetchText, isAlive, type TestHome, testHome } from './harness.ts';

const clients = [
  ['1.27', process.env['KUBECTL_OLD'] ?? 'kubectl', 'loopback'],
  ['1.33', process.env['KUBECTL'] ?? 'kubectl', process.getuid?.() === 0 ? 'netns' : 'loopback'],
] as const;

const server = `const http = require('node:http');
console.log('starting', process.env.GREETING ?? 'hello');
let n = 0;
setInterval(() => console.log('tick', n++), 100);
http.createServer((request, response) => {
  if (request.url === '/crash') { console.log('crashing'); setTimeout(() => process.exit(3), 50); }
  response.end(process.env.GREETING ?? 'hello');
}).listen(8080);
process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
`;

describe.each(clients)('kubectl %s and the daemon, with real processes', (_, program, network) => {
  let home: TestHome;
  let directory: string;
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (args: readonly string[], options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<CommandResult> =>
    command(program, args, { cwd: directory, timeout: 60_000, ...options, env: { ...home.env, ...options.env } });
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout.trim();
  };
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await run(args);
    expect({ args, failed: code !== 0 }).toEqual({ args, failed: true });
    return stderr.trim();
  };
  /** kubectl in a terminal of its own. */
  const inTerminal = (line: string) =>
    command('script', ['-qec', `stty rows 33 cols 99; ${program} ${line}`, '/dev/null'], { cwd: directory, env: home.env, timeout: 60_000 });
  const follow = (...args: string[]) => {
    const child = spawn(program, args, { env: home.env, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)));
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    return { text: () => text, ended, stop: () => child.kill() };
  };
  const rolledOut = async () =>
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('deployment "web" successfully rolled out');
  const onePod = async () => (await kubectl('get', 'pods', '-l', 'app=web', '--field-selector=status.phase=Running', '-o', 'name')).split('\n')[0] ?? '';

  const web = (replicas = 2) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: node:20
          command: [node, ${directory}/server.cjs]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
`;

  beforeAll(async () => {
    home = testHome({ DROVER_NETWORK: network });
    directory = mkdtempSync(join(tmpdir(), 'drover-kubectl-'));
    file('server.cjs', server);
    await home.droverOk('daemon', 'start', '--wait');
    writeFileSync(join(home.home, 'kubeconfig'), await home.droverOk('kubeconfig'));
  });
  afterAll(async () => {
    await home.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('reads what there is and who it is', async () => {
    expect(await kubectl('version')).toContain('+drover-');
    expect(await kubectl('cluster-info')).toMatch(/control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/);
    expect(await kubectl('api-resources')).toMatch(/deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/);
    expect((await kubectl('api-versions')).split('\n')).toEqual(expect.arrayContaining(['apps/v1', 'discovery.k8s.io/v1', 'v1']));
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await kubectl('get', '--raw', '/livez')).toBe('ok');
    expect(JSON.parse(await kubectl('get', '--raw', '/openapi/v3'))).toHaveProperty(['paths', 'apis/apps/v1']);
    expect(await kubectl('auth', 'can-i', 'delete', 'nodes')).toBe('yes');
    const whoami = await run(['auth', 'whoami']);
    // 1.27 asks a beta version that later servers do not serve.
    if (whoami.code === 0) expect(whoami.stdout).toMatch(/Username\s+kubernetes-admin/);
    expect(await refusal('top', 'pod')).toBe('error: Metrics API not available');
    expect(await refusal('get', 'widgets')).toBe('error: the server doesn\'t have a resource type "widgets"');
  });

  it('explains', async () => {
    const strategy = await kubectl('explain', 'deployment.spec.strategy');
    expect(strategy).toMatch(/FIELD: strategy <DeploymentStrategy>/);
    expect(strategy).toMatch(/rollingUpdate\s+<RollingUpdateDeployment>\n\s+Spec to control the desired behavior of rolling update/);
    expect(await kubectl('explain', 'pod.spec.containers', '--recursive')).toMatch(/ {2}env\t<\[\]EnvVar>\n {4}name\t<string> -required-/);
    expect(await refusal('explain', 'pod.spec.nothing')).toBe('error: field "nothing" does not exist');
  });

  it('applies and shows a Deployment', async () => {
    const watch = follow('get', 'pods', '-w', '--no-headers');
    expect(await kubectl('apply', '-f', file('web.yaml', web()))).toBe('deployment.apps/web created');
    await rolledOut();
    await eventually('get -w showed the pods come up', () => (watch.text().match(/1\/1\s+Running/g)?.length ?? 0) >= 2);
    watch.stop();
    expect(watch.text()).toMatch(/^web-\S+\s+0\/1\s+Pending\s+0\s+\d+s$/m);
    expect(watch.text()).toMatch(/^web-\S+\s+0\/1\s+ContainerCreating\s+0\s+\d+s$/m);
    expect(await kubectl('apply', '-f', 'web.yaml')).toBe('deployment.apps/web unchanged');
    expect(await kubectl('get', 'deployment')).toMatch(/^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2\s+\d+s$/);
    expect(await kubectl('get', 'deployment', '-o', 'wide')).toMatch(/web\s+node:20\s+app=web$/);
    expect(await kubectl('get', 'pods', '-o', 'wide')).toMatch(/1\/1\s+Running\s+0\s+\d+s\s+10\.\d+\.\d+\.\d+|127\.\d+\.\d+\.\d+/);
    expect(await kubectl('get', 'pods', '-o', 'name')).toMatch(/^pod\/web-\w+-\w{5}\npod\/web-\w+-\w{5}$/);
    expect(await kubectl('get', 'deployment', 'web', '-o', 'yaml')).toContain('    type: RollingUpdate');
    expect(JSON.parse(await kubectl('get', 'deployment', 'web', '-o', 'json'))).toMatchObject({ kind: 'Deployment', status: { readyReplicas: 2 } });
    expect(await kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}')).toBe('Running Running');
    expect(await kubectl('get', 'pods', '-o', 'custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image')).toMatch(
      /^NAME\s+IMAGE\nweb-\S+\s+node:20/,
    );
    expect(await kubectl('get', 'all')).toMatch(/replicaset\.apps\/web-\w+\s+2\s+2\s+2/);
    expect(await kubectl('get', 'deployment', 'web', '--subresource=scale')).toMatch(/NAME\s+DESIRED\s+AVAILABLE\s+AGE\nweb\s+2\s+2/);
  });

  it('describes', async () => {
    expect(await kubectl('expose', 'deployment', 'web', '--port=80', '--target-port=8080')).toBe('service/web exposed');
    const deployment = await kubectl('describe', 'deployment', 'web');
    expect(deployment).toContain('2 desired | 2 updated | 2 total | 2 available | 0 unavailable');
    expect(deployment).toMatch(/ScalingReplicaSet .* Scaled up replica set web-\w+ from 0 to 2/);
    const pod = await kubectl('describe', await onePod());
    for (const part of [
      /Controlled By:\s+ReplicaSet\/web-/,
      /State:\s+Running/,
      /QoS Class:\s+BestEffort/,
      /Successfully assigned default\/web-/,
      /Started container web/,
    ])
      expect(pod).toMatch(part);
    await eventually(
      'describe service lists the endpoints',
      async () => /Endpoints:\s+[\d.]+:8080,[\d.]+:8080/.test(await kubectl('describe', 'service', 'web')) || undefined,
    );
    const node = await kubectl('describe', 'node');
    for (const part of [/Ready\s+True .* KubeletReady/, /Allocatable:/, /Container Runtime Version:\s+drover:\/\//, /default\s+web-/, /Allocated resources:/])
      expect(node).toMatch(part);
    expect(await kubectl('events', '--for', 'deployment/web')).toMatch(/ScalingReplicaSet\s+Deployment\/web/);
    expect(await kubectl('get', 'events', '--field-selector=reason=Started')).toMatch(
      /LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE\n.*Normal\s+Started\s+pod\/web-/,
    );
  });

  it('reads logs', async () => {
    const pod = await onePod();
    expect((await kubectl('logs', pod)).split('\n')[0]).toBe('starting hello');
    await eventually('there are lines', async () => (await kubectl('logs', pod, '--tail=20')).split('\n').length === 20 || undefined);
    expect(await kubectl('logs', pod, '--tail=2', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z tick \d+\n\d{4}-\S+Z tick \d+$/);
    const recent = (await kubectl('logs', pod, '--since=1s')).split('\n').length;
    expect(recent).toBeGreaterThan(5);
    expect(recent).toBeLessThan(16);
    expect((await kubectl('logs', '-l', 'app=web', '--tail=1', '--prefix')).split('\n')).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^\[pod\/web-\S+\/web\] tick \d+$/)),
    );
    expect(await refusal('logs', pod, '--previous')).toMatch(/previous terminated container "web" in pod "web-\S+" not found/);
    const following = follow('logs', '-f', pod);
    await eventually('the log is followed', () => following.text().includes('tick'));
    const ip = await kubectl('get', pod, '-o', 'jsonpath={.status.podIP}');
    await fetchText(`http://${ip}:8080/crash`);
    expect(await following.ended).toBe(0);
    expect(following.text().trim().split('\n').slice(-8)).toContain('crashing');
    await kubectl('wait', '--for=jsonpath={.status.containerStatuses[0].restartCount}=1', pod, '--timeout=30s');
    expect(await kubectl('logs', pod, '--previous')).toContain('crashing');
    await kubectl('wait', '--for=condition=Ready', pod, '--timeout=60s');
    expect(await kubectl('get', pod)).toMatch(/1\/1\s+Running\s+1 \(\d+s ago\)/);
  });

  it('follows a log through its rotation to its end', async () => {
    const lines = 60_000;
    const script = `let n = 0; const timer = setInterval(() => { for (let i = 0; i < 200; i += 1) console.log('line', n++, 'x'.repeat(200)); if (n >= ${lines}) clearInterval(timer); }, 5)`;
    await kubectl('run', 'flood', '--image=node:20', '--restart=Never', '--', 'node', '-e', script);
    await kubectl('wait', '--for=jsonpath={.status.containerStatuses[0].started}=true', 'pod/flood', '--timeout=20s').catch(() => undefined);
    const all = (await kubectl('logs', '-f', 'flood')).split('\n');
    expect(all.map((line) => line.split(' ')[1])).toEqual(Array.from({ length: lines }, (_nothing, index) => String(index)));
    await kubectl('delete', 'pod', 'flood', '--now');
  });

  it('runs commands: exit codes, input, terminals', async () => {
    const pod = await onePod();
    const name = network === 'netns' ? await kubectl('exec', pod, '--', 'hostname') : await kubectl('exec', pod, '--', 'sh', '-c', 'echo $HOSTNAME');
    expect(`pod/${name}`).toBe(pod);
    const failed = await run(['exec', pod, '--', 'sh', '-c', 'echo out; echo err >&2; exit 4']);
    expect(failed).toEqual({ code: 4, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 4\n' });
    const large = 'x'.repeat(3_000_000);
    expect((await run(['exec', '-i', pod, '--', 'wc', '-c'], { input: large })).stdout.trim()).toBe('3000000');
    expect((await run(['exec', '-i', 'deployment/web', '--', 'cat'], { input: 'piped' })).stdout).toBe('piped');
    const terminal = await inTerminal(`exec -it ${pod} -- sh -c 'tty; stty size; exit 5'`);
    expect(terminal.code).toBe(5);
    expect(terminal.stdout).toMatch(/\/dev\/pts\/\d+\r\n33 99\r\n/);
    expect(await refusal('exec', pod, '--', 'no-such-program')).toContain('no-such-program');
  });

  it('says that attach is not served, and leaves no pod behind', async () => {
    const shell = await inTerminal('run tmp --rm -it --image=node:20 --restart=Never -- sh');
    expect(shell.stdout).toContain('attach is not served');
    expect(shell.stdout).toContain('kubectl exec -it');
    expect(shell.stdout).toContain('pod "tmp" deleted');
    expect(await refusal('get', 'pod', 'tmp')).toContain('NotFound');
    expect(await refusal('port-forward', await onePod(), '18099:8080')).toContain('port forwarding is not served');
    await kubectl('run', 'once', '--image=node:20', '--restart=Never', '--', 'node', '-p', '6 * 7');
    await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/once', '--timeout=20s');
    expect(await kubectl('logs', 'once')).toBe('42');
    expect(await kubectl('get', 'pod', 'once')).toMatch(/0\/1\s+Completed/);
    const gone = kubectl('wait', '--for=delete', 'pod/once', '--timeout=30s');
    expect(await kubectl('delete', 'pod', 'once')).toMatch(/^pod "once" deleted/);
    await gone;
  });

  it('labels, annotates, patches and edits', async () => {
    const pod = await onePod();
    expect(await kubectl('label', pod, 'tier=a')).toMatch(/labeled$/);
    expect(await refusal('label', pod, 'tier=b')).toContain("'tier' already has a value (a), and --overwrite is false");
    expect(await kubectl('label', pod, 'tier=b', '--overwrite')).toMatch(/labeled$/);
    expect(await kubectl('label', pod, 'tier-')).toMatch(/unlabeled$/);
    expect(await kubectl('annotate', pod, 'note=x')).toMatch(/annotated?$/);
    await kubectl('patch', 'deployment', 'web', '-p', '{"metadata":{"labels":{"s":"1"}}}');
    await kubectl('patch', 'deployment', 'web', '--type=merge', '-p', '{"metadata":{"labels":{"m":"1"}}}');
    await kubectl('patch', 'deployment', 'web', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/j","value":"1"}]');
    expect(await kubectl('patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":3}}')).toBe(
      'scale.autoscaling/web patched',
    );
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.labels.s}{.metadata.labels.m}{.metadata.labels.j} {.spec.replicas}')).toBe(
      '111 3',
    );
    const edited = await run(['edit', 'deployment', 'web'], { env: { KUBE_EDITOR: 'sed -i "s/replicas: 3/replicas: 2/"' } });
    expect(edited.stdout).toBe('deployment.apps/web edited\n');
    expect((await run(['edit', 'deployment', 'web'], { env: { KUBE_EDITOR: 'true' } })).stderr).toContain('Edit cancelled, no changes made.');
    await rolledOut();
  });

  it('rolls out, looks back, goes back, pauses and restarts', async () => {
    const history = async () =>
      (await kubectl('rollout', 'history', 'deployment/web'))
        .split('\n')
        .filter((line) => /^\d/.test(line))
        .map((line) => line.split(' ')[0]);
    expect(await kubectl('set', 'env', 'deployment/web', 'GREETING=hej')).toBe('deployment.apps/web env updated');
    await rolledOut();
    expect(await kubectl('set', 'env', 'deployment/web', '--list')).toContain('GREETING=hej');
    expect(await kubectl('logs', await onePod())).toContain('starting hej');
    expect(await kubectl('set', 'resources', 'deployment/web', '--requests=cpu=10m,memory=16Mi', '--limits=memory=256Mi')).toBe(
      'deployment.apps/web resource requirements updated',
    );
    await rolledOut();
    expect(await kubectl('set', 'image', 'deployment/web', 'web=node:20.20')).toBe('deployment.apps/web image updated');
    await rolledOut();
    expect(await history()).toEqual(['1', '2', '3', '4']);
    expect(await kubectl('rollout', 'history', 'deployment/web', '--revision=2')).toMatch(/GREETING:\s+hej/);
    expect(await kubectl('rollout', 'undo', 'deployment/web')).toBe('deployment.apps/web rolled back');
    await rolledOut();
    expect(await history()).toEqual(['1', '2', '4', '5']);
    expect(await kubectl('rollout', 'undo', 'deployment/web', '--to-revision=1')).toBe('deployment.apps/web rolled back');
    await rolledOut();
    expect(await refusal('rollout', 'undo', 'deployment/web', '--to-revision=99')).toBe('error: unable to find specified revision 99 in history');
    expect(await kubectl('rollout', 'pause', 'deployment/web')).toBe('deployment.apps/web paused');
    expect(await refusal('rollout', 'restart', 'deployment/web')).toContain("can't restart paused deployment");
    expect(await kubectl('rollout', 'resume', 'deployment/web')).toBe('deployment.apps/web resumed');
    const before = await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}');
    expect(await kubectl('rollout', 'restart', 'deployment/web')).toBe('deployment.apps/web restarted');
    await rolledOut();
    await eventually('the old pods are gone', async () => (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n').length === 2 || undefined);
    const after = (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}')).split(' ');
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
    expect(await kubectl('scale', 'deployment/web', '--replicas=3')).toBe('deployment.apps/web scaled');
    expect(await refusal('scale', 'deployment/web', '--current-replicas=9', '--replicas=1')).toBe('error: Expected replicas to be 9, was 3');
    expect(await kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=30s')).toBe('deployment.apps/web condition met');
  });

  it('tells differences, tries without doing, and replaces', async () => {
    file('web.yaml', web(3));
    await kubectl('apply', '-f', 'web.yaml');
    expect((await run(['diff', '-f', 'web.yaml'])).code).toBe(0);
    file('web.yaml', web(2));
    const difference = await run(['diff', '-f', 'web.yaml']);
    expect(difference.code).toBe(1);
    expect(difference.stdout).toMatch(/-\s+replicas: 3\n\+\s+replicas: 2/);
    expect(await kubectl('apply', '-f', 'web.yaml', '--dry-run=server')).toBe('deployment.apps/web configured (server dry run)');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
    expect(await kubectl('apply', '-f', 'web.yaml', '--server-side', '--force-conflicts')).toBe('deployment.apps/web serverside-applied');
    file('web.yaml', web(4));
    const conflict = await refusal('apply', '-f', 'web.yaml', '--server-side', '--field-manager=other');
    expect(conflict).toContain('conflict');
    expect(conflict).toContain('.spec.replicas');
    await kubectl('create', 'configmap', 'settings', '--from-literal=a=b');
    await kubectl('create', 'secret', 'generic', 'hidden', '--from-literal=p=w');
    expect(await kubectl('describe', 'secret', 'hidden')).toMatch(/p:\s+1 bytes?$/);
    expect(await kubectl('create', 'configmap', 'tried', '--from-literal=a=b', '--dry-run=server')).toBe('configmap/tried created (server dry run)');
    expect(await refusal('get', 'configmap', 'tried')).toContain('NotFound');
    file('settings.yaml', (await kubectl('get', 'configmap', 'settings', '-o', 'yaml')).replace('a: b', 'a: c'));
    expect(await kubectl('replace', '-f', 'settings.yaml')).toBe('configmap/settings replaced');
    expect(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}')).toBe('c');
    file('web.yaml', web(2));
    const uid = await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.uid}');
    expect(await kubectl('replace', '--force', '-f', 'web.yaml')).toMatch(/deployment\.apps "web" deleted.*\ndeployment\.apps\/web replaced/);
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.uid}')).not.toBe(uid);
    await rolledOut();
  });

  it('deletes in the background, in the foreground, and leaving orphans that are adopted again', async () => {
    const pods = () => kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}');
    await eventually('two pods are left', async () => (await pods()).split(' ').length === 2 || undefined);
    const before = await pods();
    expect(await kubectl('delete', 'deployment', 'web', '--cascade=orphan')).toMatch(/^deployment\.apps "web" deleted/);
    expect(await pods()).toBe(before);
    await kubectl('apply', '-f', 'web.yaml');
    await rolledOut();
    expect(await pods()).toBe(before);
    await kubectl('delete', 'deployment', 'web', '--cascade=foreground');
    expect(await pods()).toBe('');
    expect(await kubectl('create', 'deployment', 'idle', '--image=node:20', '--', 'node', '-e', 'setInterval(() => {}, 1000)')).toBe(
      'deployment.apps/idle created',
    );
    await kubectl('rollout', 'status', 'deployment/idle', '--timeout=30s');
    const processes = (JSON.parse(await home.droverOk('jlist')) as { pid: number }[]).map(({ pid }) => pid);
    await kubectl('delete', 'deployment', 'idle', '--cascade=background');
    await kubectl('wait', '--for=delete', 'pod', '-l', 'app=idle', '--timeout=60s');
    await eventually('its process is gone', () => processes.every((pid) => !isAlive(pid)));
    expect(await kubectl('get', 'replicasets')).toBe('');
  });
});
