import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, command, eventually, fetchText, root, type TestHome, testHome } from './harness.ts';

const deployment = (changes: {
  readonly name?: string;
  readonly namespace?: string;
  readonly apiVersion?: string;
  readonly spec?: string;
  readonly app?: string;
}) =>
  `apiVersion: ${changes.apiVersion ?? 'apps/v1'}
kind: Deployment
metadata:
  name: ${changes.name ?? 'web'}
  namespace: ${changes.namespace ?? 'default'}
spec:
  ${changes.spec ?? 'replicas: 0'}
  selector:
    matchLabels: {app: ${changes.app ?? 'web'}}
  template:
    metadata:
      labels: {app: ${changes.app ?? 'web'}}
    spec:
      containers:
      - name: web
        image: node:20
`;

let home: TestHome;
let directory: string;

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};
/** Everything a failed command said, when it ended with this code and kept stdout free of it. */
const refused = (result: CommandResult, code = 1): string => {
  expect({ code: result.code, text: result.stdout + result.stderr }).toEqual({ code, text: expect.any(String) });
  expect(result.stderr).not.toMatch(/\n\s+at .*(?:drover|daemon)\.js/);
  return result.stderr;
};
const applied = async (path: string) => ({
  drover: refused(await home.drover('apply', '-f', path)),
  kubectl: refused(await home.kubectl('apply', '-f', path)),
  old: refused(await home.kubectlOld('apply', '-f', path)),
});
const names = async (kind: string, namespace = 'default'): Promise<string> =>
  await home.kubectlOk('get', kind, '-n', namespace, '-o', 'jsonpath={.items[*].metadata.name}');

beforeAll(async () => {
  home = testHome();
  directory = mkdtempSync(join(tmpdir(), 'drover-bad-'));
  await home.droverOk('daemon', 'start', '--wait');
});
afterAll(async () => {
  await home.end();
  rmSync(directory, { recursive: true, force: true });
});

describe('a manifest', () => {
  it('with an unknown field is refused by the name and line of the field', async () => {
    const text = await applied(file('unknown.yaml', deployment({ spec: 'replicaz: 2' })));
    expect(text.drover).toMatch(/unknown\.yaml:7:3: .*unknown field "spec\.replicaz".*\nspec\.replicaz: did you mean replicas\?/);
    expect(text.kubectl).toMatch(/unknown\.yaml.*unknown field "spec\.replicaz"/s);
    expect(text.old).toMatch(/unknown field "spec\.replicaz"/);
    expect(await names('deployments')).toBe('');
  });

  it('with a value of the wrong type says which type was expected', async () => {
    const text = await applied(file('type.yaml', deployment({ spec: 'replicas: "two"' })));
    expect(text.drover).toMatch(/type\.yaml:7:3: .*cannot unmarshal string .*spec\.replicas of type int32/);
    for (const one of [text.kubectl, text.old]) expect(one).toMatch(/cannot unmarshal string .*spec\.replicas of type int32/);
    expect(await names('deployments')).toBe('');
  });

  it('that changes an immutable field leaves the object as it was', async () => {
    await home.droverOk('apply', '-f', file('first.yaml', deployment({ name: 'fixed' })));
    const before = await home.kubectlOk('get', 'deployment', 'fixed', '-o', 'yaml');
    const text = await applied(file('immutable.yaml', deployment({ name: 'fixed', app: 'other' })));
    expect(text.drover).toMatch(/immutable\.yaml:\d+:3: .*spec\.selector: Invalid value: .*: field is immutable/);
    for (const one of [text.kubectl, text.old]) expect(one).toMatch(/spec\.selector: Invalid value: .*: field is immutable/);
    expect(await home.kubectlOk('get', 'deployment', 'fixed', '-o', 'yaml')).toBe(before);
    await home.kubectlOk('delete', 'deployment', 'fixed');
  });

  it('of a namespace that is not there says so, and how to make it', async () => {
    const text = await applied(file('namespace.yaml', deployment({ namespace: 'nowhere' })));
    expect(text.drover).toMatch(/namespace\.yaml:5:3: namespaces "nowhere" not found.*\n.*kubectl create namespace nowhere/);
    for (const one of [text.kubectl, text.old]) expect(one).toContain('namespaces "nowhere" not found');
    expect(await names('namespaces')).not.toContain('nowhere');
  });

  it('with an invalid name says what a name may be', async () => {
    const text = await applied(file('name.yaml', deployment({ name: 'Web_1' })));
    expect(text.drover).toMatch(/name\.yaml:4:3: .*metadata\.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of/);
    for (const one of [text.kubectl, text.old]) expect(one).toMatch(/metadata\.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain/);
  });

  it('of another API version is told which one is served', async () => {
    const text = await applied(file('version.yaml', deployment({ apiVersion: 'apps/v1beta1' })));
    expect(text.drover).toMatch(/version\.yaml:1:1: no matches for kind "Deployment" in version "apps\/v1beta1"; this server has it in apps\/v1/);
    for (const one of [text.kubectl, text.old]) expect(one).toMatch(/no matches for kind "Deployment" in version "apps\/v1beta1"/);
    const posted = await home.kubectl('create', '--raw', '/apis/apps/v1beta1/namespaces/default/deployments', '-f', join(directory, 'version.yaml'));
    expect(refused(posted)).toMatch(/could not find the requested resource/);
  });

  it('that does not parse keeps all others of the same command from being applied', async () => {
    file('set/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: whole}\n');
    const broken = file('set/b.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n data: [\n');
    expect(refused(await home.drover('apply', '-f', join(directory, 'set')))).toMatch(/set\/b\.yaml:5:\d+: /);
    expect(await names('configmaps')).not.toContain('whole');
    expect(refused(await home.kubectl('apply', '-f', broken))).toContain('error parsing');
    expect(refused(await home.drover('apply', '-f', join(directory, 'none.yaml')))).toMatch(/none\.yaml/);
  });

  it('with a stale resourceVersion loses, and the newer object stays', async () => {
    await home.kubectlOk('create', 'configmap', 'moving', '--from-literal=a=1');
    const stale = file('stale.yaml', (await home.kubectlOk('get', 'configmap', 'moving', '-o', 'yaml')).replace('a: "1"', 'a: "3"'));
    await home.kubectlOk('patch', 'configmap', 'moving', '-p', '{"data":{"a":"2"}}');
    for (const result of [await home.drover('apply', '-f', stale), await home.kubectl('replace', '-f', stale), await home.kubectlOld('replace', '-f', stale)])
      expect(refused(result)).toMatch(/Operation cannot be fulfilled on configmaps "moving": the object has been modified/);
    expect(await home.kubectlOk('get', 'configmap', 'moving', '-o', 'jsonpath={.data.a}')).toBe('2');
  });
});

const service = (name: string, port: number) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: NodePort, selector: {app: x}, ports: [{port: 80, nodePort: ${port}}]}\n`;

describe('a node port', () => {
  it('that another Service has is refused by the name of that Service', async () => {
    await home.droverOk('apply', '-f', file('one.yaml', service('one', 31_871)));
    const text = await applied(file('two.yaml', service('two', 31_871)));
    for (const said of Object.values(text))
      expect(said).toMatch(/spec\.ports\[0\]\.nodePort: Invalid value: 31871: provided port is already allocated.*default\/one/);
    expect(text.drover).toMatch(/two\.yaml:4:\d+: /);
    await home.kubectlOk('delete', 'service', 'one');
  });

  it('that a program of the machine has is told as an event with that program', async () => {
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(31_872, done));
    try {
      await home.kubectlOk('apply', '-f', file('held.yaml', service('held', 31_872)));
      await eventually(
        'the event',
        async () => new RegExp(`PortUnavailable .*port 31872 is held by pid ${process.pid} `).test(await home.kubectlOk('get', 'events')) || undefined,
      );
      await home.kubectlOk('delete', 'service', 'held');
    } finally {
      await new Promise((done) => holder.close(done));
    }
  });
});

describe('drover start', () => {
  it('of a script that is not there makes nothing', async () => {
    const text = refused(await home.drover('start', join(directory, 'none.js')));
    expect(text).toMatch(/script: .*none\.js was not found: there is no file .*none\.js/);
    expect(refused(await home.drover('start', directory))).toMatch(/script: .* was not found: there is no file/);
    expect(await names('deployments')).toBe('');
  });

  it('of a script that crashes at once ends with 1 and its last lines', async () => {
    const script = file('crash.cjs', "console.log('before the end'); throw new Error('this was the end')");
    const text = refused(await home.drover('start', script));
    expect(text).toMatch(/crash is not online: .*exited with code 1/);
    expect(text).toContain('before the end');
    expect(text).toContain('Error: this was the end');
    await home.droverOk('delete', 'crash');
  });

  it.each([
    ['fork', []],
    ['cluster', ['-i', '2']],
  ])('in %s mode on a port that is taken says by whom', async (_mode, flags) => {
    const holder = createServer();
    const port = await new Promise<number>((done) => holder.listen(0, () => done((holder.address() as { port: number }).port)));
    try {
      const script = file('port.cjs', `require('node:http').createServer((q, r) => r.end()).listen(${port})`);
      const text = refused(await home.drover('start', script, ...flags));
      expect(text).toMatch(new RegExp(`port ${port} is taken by pid ${process.pid} \\(.*node`));
      await home.droverOk('delete', 'port');
    } finally {
      await new Promise((done) => holder.close(done));
    }
  });

  it('of a broken ecosystem file names file and line, and starts none of its apps', async () => {
    file('ok.cjs', 'setInterval(() => {}, 1000)');
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        'syntax/ecosystem.config.cjs',
        'module.exports = {\n  apps: [\n    { name: "a" \n    { name: "b" }\n  ]\n}\n',
        /ecosystem\.config\.cjs:4: SyntaxError: Unexpected token '\{'/,
      ],
      ['throws/ecosystem.config.cjs', '\n\nthrow new Error("boom")', /ecosystem\.config\.cjs:3: Error: boom/],
      ['needs/ecosystem.config.cjs', 'require("./none")', /ecosystem\.config\.cjs:1: Error: Cannot find module '\.\/none'$/m],
      ['module/ecosystem.config.mjs', 'export default { apps: [ { name: "a" ; } ] }', /ecosystem\.config\.mjs:1: SyntaxError: Unexpected token ';'/],
      ['yaml/apps.yaml', 'apps:\n  - name: a\n   script: ok.js\n', /apps\.yaml:3:1: /],
      ['json/apps.json', '{"apps": [\n {"name": "a" "script": "x"}\n]}', /apps\.json:2:\d+: /],
      [
        'attribute/ecosystem.config.cjs',
        'module.exports = { apps: [{ name: "good", script: "../ok.cjs" }, { name: "a", script: "../ok.cjs", instnaces: 2 }] }',
        /ecosystem\.config\.cjs:1: app "a": instnaces: there is no such attribute; did you mean instances\?/,
      ],
    ];
    for (const [name, text, message] of cases) expect(refused(await home.drover('start', file(name, text)))).toMatch(message);
    expect(await names('deployments')).toBe('');
  });

  it('with a value that cannot be one is wrong usage', async () => {
    const script = file('ok.cjs', 'setInterval(() => {}, 1000)');
    expect(refused(await home.drover('start', script, '-i', 'abc'), 2)).toMatch(/instances: expected a whole number or 'max', got "abc"/);
    expect(refused(await home.drover('start', script, '-i', '99999999'), 2)).toMatch(/expected a whole number up to \d+ or 'max', got "99999999"/);
    expect(refused(await home.drover('start', script, '--kill-timeout', 'soon'), 2)).toMatch(/kill_timeout: expected milliseconds.*got "soon"/);
    expect(refused(await home.drover('start', script, '--instnaces', '2'), 2)).toMatch(/unknown option --instnaces\n.*--instances/);
    expect(await names('deployments')).toBe('');
  });
});

describe('words', () => {
  it('that are typed wrong are answered with the right ones', async () => {
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['strat', 'app.js'], 2, /there is no command "strat"\n.*drover start/],
      [['get', 'pdos'], 1, /doesn't have a resource type "pdos"\n.*pods/],
      [['daemon', 'strat'], 2, /got "strat"\n.*drover daemon start/],
      [['logs', '--lines', 'abc'], 2, /--lines: expected a whole number, got "abc"/],
      [['scale', 'app', 'x'], 2, /expected an app and a number/],
      [['stop', 'nope'], 1, /there is no app "nope"\ndrover list/],
      [['--contxt', 'x', 'list'], 2, /unknown option --contxt\n.*--context/],
      [['start'], 2, /drover start app\.js/],
      [['get', 'deployment', 'nope'], 1, /\(NotFound\): deployments\.apps "nope" not found/],
    ];
    for (const [words, code, message] of cases) expect(refused(await home.drover(...words), code)).toMatch(message);
  });

  it('of help never start a daemon', async () => {
    const env = { ...home.env, DROVER_HOME: join(directory, 'untouched') };
    for (const words of [['help'], ['start', '--help'], ['help', 'get'], ['--version'], ['completion', 'bash'], ['strat'], []]) {
      await command(process.execPath, [join(root, 'dist/drover.js'), ...words], { env });
      expect(() => readFileSync(env.DROVER_HOME)).toThrow('ENOENT');
    }
  });

  it('with -o json print JSON and nothing else, without colours when NO_COLOR is set', async () => {
    const env = { ...home.env, FORCE_COLOR: undefined, DROVER_HOME: home.home };
    for (const words of [
      ['get', 'pods', '-o', 'json'],
      ['get', 'nodes,namespaces', '-A', '-o', 'json'],
      ['jlist'],
      ['get', 'configmap', 'moving', '-o', 'json'],
      ['get', 'pods', '-n', 'nowhere', '-o', 'json'],
    ]) {
      const { stdout, code } = await command(process.execPath, [join(root, 'dist/drover.js'), ...words], { env });
      expect(code).toBe(0);
      expect(() => JSON.parse(stdout)).not.toThrow();
    }
    const failed = await home.drover('get', 'pods', 'nope', '-o', 'json');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    for (const words of [['list'], ['status'], ['get', 'nodes'], ['strat']]) {
      const { stdout, stderr } = await home.drover(...words);
      expect(stdout + stderr).not.toContain('\u001b[');
    }
  });
});

describe('a home', () => {
  const inHome = (path: string, ...words: string[]) =>
    command(process.execPath, [join(root, 'dist/drover.js'), ...words], { env: { ...home.env, DROVER_HOME: path } });

  it('that cannot be one is refused at once, by its path and with the way out', async () => {
    const taken = file('a-file', '');
    for (const path of [taken, join(taken, 'below'), '/proc/drover'])
      expect(refused(await inHome(path, 'list'))).toMatch(new RegExp(`cannot use the home ${path}: .*\\n.*DROVER_HOME`));
    expect(readFileSync(taken, 'utf8')).toBe('');
  });

  it.runIf(process.getuid?.() === 0)('that the user may not read says so', async () => {
    const text = refused(await command(process.execPath, [join(root, 'dist/drover.js'), 'list'], { env: home.env, uid: 65_534, gid: 65_534 }));
    expect(text).toMatch(/cannot use the home .*: EACCES: permission denied/);
  });

  it('has one daemon and one shim: a second is refused, and the first goes on', async () => {
    const [daemon, shim] = [home.pid('daemon'), home.pid('shim')];
    const second = await command(process.execPath, [join(root, 'dist/daemon.js'), '--home', home.home], { env: home.env });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(`the state is open in process ${daemon}; one daemon per home`) });
    const other = await command(process.execPath, [join(root, 'dist/shim.js'), '--home', home.home], { env: home.env });
    expect(other).toMatchObject({ code: 3, stderr: expect.stringMatching(`a shim for ${home.home} runs already \\(pid ${shim}\\)`) });
    expect([home.pid('daemon'), home.pid('shim')]).toEqual([daemon, shim]);
    await home.kubectlOk('get', 'namespaces');
  });

  it('that five commands start at once gets one daemon', async () => {
    const path = join(directory, 'raced');
    try {
      const results = await Promise.all(Array.from({ length: 5 }, () => inHome(path, 'ping')));
      expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
      const ps = await command('pgrep', ['-fc', `daemon.js --home ${path}$`]);
      expect(ps.stdout.trim()).toBe('1');
    } finally {
      await inHome(path, 'kill', '--yes');
    }
  });
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('the full disk is not tested: mounting a small one takes root');
describe.runIf(isRoot)('a full disk', () => {
  it('keeps apps serving and reads working; writes are refused clearly and work again by themselves', async () => {
    const small = testHome();
    const run = async (program: string, ...args: string[]) => {
      const { code, stderr } = await command(program, args);
      if (code !== 0) throw new Error(stderr);
    };
    await run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', small.home);
    try {
      const port = 28_611;
      const script = file(
        'chatty.cjs',
        `setInterval(() => console.log('x'.repeat(1000)), 2); require('node:http').createServer((q, r) => r.end('served')).listen(${port})`,
      );
      await small.droverOk('start', script);
      const daemon = small.pid('daemon');
      const filler = join(small.home, 'filler');
      const fill = () =>
        new Promise<void>((done) =>
          spawn('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k', 'oflag=append', 'conv=notrunc'], { stdio: 'ignore' }).on('close', () => done()),
        );
      const failed = await eventually('a write is refused', async () => {
        await fill();
        const result = await small.kubectl('create', 'configmap', `c${Date.now()}`, `--from-literal=a=${'y'.repeat(20_000)}`);
        return result.code === 0 ? undefined : result;
      });
      expect(failed.stderr).toMatch(/ENOSPC.*Free disk space.*writes work again by themselves/s);
      expect(refused(await small.drover('start', file('ok.cjs', 'setInterval(() => {}, 1000)')))).toMatch(/ServiceUnavailable.*ENOSPC/);
      expect(await small.kubectlOk('get', 'deployments', '-o', 'name')).toBe('deployment.apps/chatty\n');
      const status = await small.drover('status');
      expect(status).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ the disk of .* is full/) });
      const log = await small.kubectlOk('logs', 'deployment/chatty', '--tail=1');
      expect(log).toMatch(/^x+\n?$/m);
      for (let ask = 0; ask < 20; ask += 1) expect((await fetchText(`http://127.0.0.1:${port}/`)).text).toBe('served');

      rmSync(filler);
      await eventually('writes work again', async () => (await small.kubectl('create', 'configmap', 'after', '--from-literal=a=b')).code === 0 || undefined);
      expect(small.pid('daemon')).toBe(daemon);
      await eventually(
        'the log says how much is missing',
        async () => /bytes? .*(?:missing|lost|dropped)/.test(await small.kubectlOk('logs', 'deployment/chatty')) || undefined,
      );
      await small.droverOk('delete', 'chatty');
    } finally {
      await small.drover('kill', '--yes');
      await run('umount', '-l', small.home);
      await small.end();
    }
  });
});
