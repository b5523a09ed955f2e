import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Deployment } from '../../kinds/index.ts';
import { objectNameOf } from './app-name.ts';
import { APP_ATTRIBUTES } from './attributes.ts';
import { type EcosystemContext, ecosystemToObjects } from './convert.ts';
import { splitWords } from './values.ts';

const files = new Set(['/srv/app.js', '/srv/api/index.js', '/srv/run.py', '/usr/bin/python3', '/srv/main.ts', '/srv/tool']);
const context: EcosystemContext = {
  directory: '/srv',
  cores: 4,
  env: { PATH: '/usr/bin', HOME: '/home/u', SHLVL: '2' },
  namespace: 'default',
  nodeVersion: 'v20.20.2',
  exists: (path) => files.has(path),
};
const convert = (config: unknown, change: Partial<EcosystemContext> = {}) => ecosystemToObjects(config, { ...context, ...change });
const one = (app: unknown, change: Partial<EcosystemContext> = {}): Deployment => convert({ apps: [app] }, change).objects[0] as Deployment;
const templateOf = (deployment: Deployment) => deployment.spec?.template;

test('a script becomes a Deployment of host processes', () => {
  const deployment = one({ name: 'My API', script: './app.js', args: ['--x', 1], env: { PORT: 3000, COST: '$(X)$$' } });
  expect(deployment.metadata).toMatchObject({ name: 'my-api', namespace: 'default', annotations: { 'drover.dev/app-name': 'My API' } });
  expect(templateOf(deployment)?.spec).toEqual({
    hostNetwork: true,
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: 'app',
        image: 'drover.dev/host',
        command: ['node', '/srv/app.js', '--x', '1'],
        workingDir: '/srv',
        env: [
          { name: 'COST', value: '$$(X)$$$' },
          { name: 'HOME', value: '/home/u' },
          { name: 'PATH', value: '/usr/bin' },
          { name: 'PORT', value: '3000' },
        ],
      },
    ],
  });
  expect(deployment.spec?.strategy).toEqual({ type: 'Recreate' });
});

test('instances mean cluster mode with a surge, and are counted from the cores', () => {
  for (const [instances, replicas] of [
    ['max', 4],
    [0, 4],
    [-1, 3],
    [-9, 1],
    ['2', 2],
  ] as const) {
    const deployment = one({ script: 'app.js', instances });
    expect([deployment.spec?.replicas, deployment.spec?.strategy]).toEqual([
      replicas,
      { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    ]);
    expect(templateOf(deployment)?.metadata?.annotations?.['drover.dev/exec-mode']).toBe('cluster');
  }
});

test('every wish of a PM2 file that is acted on rides on an annotation', () => {
  const deployment = one({
    script: 'api/index.js',
    execMode: 'fork_mode',
    wait_ready: true,
    listen_timeout: '5s',
    kill_timeout: 5000,
    autorestart: false,
    max_restarts: 10,
    min_uptime: '10s',
    error_file: './logs/err.log',
    out_file: '/var/log/out.log',
  });
  expect(deployment.metadata.name).toBe('index');
  expect(templateOf(deployment)?.metadata?.annotations).toEqual({
    'drover.dev/app-name': 'index',
    'drover.dev/exec-mode': 'fork',
    'drover.dev/stop-signal': 'SIGINT',
    'drover.dev/kill-timeout': '5000',
    'drover.dev/wait-ready': 'true',
    'drover.dev/listen-timeout': '5000',
    'drover.dev/autorestart': 'false',
    'drover.dev/max-restarts': '10',
    'drover.dev/min-uptime': '10000',
    'drover.dev/error-file': '/srv/logs/err.log',
    'drover.dev/out-file': '/var/log/out.log',
  });
  expect(templateOf(deployment)?.spec?.terminationGracePeriodSeconds).toBe(5);
});

test.each([
  ['run.py', ['python3', '/srv/run.py']],
  ['python3 -m http.server 8080', ['python3', '-m', 'http.server', '8080']],
  ['./tool', ['/srv/tool']],
  ['python3 x | cat', ['/bin/sh', '-c', 'python3 x | cat']],
])('%s runs as %j', (script, command) => {
  expect(templateOf(one({ script }))?.spec?.containers?.[0]?.command).toEqual(command);
});

test('--env takes the variables of that name over env', () => {
  const app = { name: 'a', script: 'app.js', env: { A: '1', B: '1' }, env_production: { B: '2' } };
  const values = (envName?: string) =>
    Object.fromEntries(
      (templateOf(one(app, envName ? { envName, env: {} } : { env: {} }))?.spec?.containers?.[0]?.env ?? []).map(({ name, value }) => [name, value]),
    );
  expect([values(), values('production')]).toEqual([
    { A: '1', B: '1' },
    { A: '1', B: '2' },
  ]);
});

test.each([
  [{ script: 'app.js', intances: 2 }, 'intances: there is no such attribute; did you mean instances?'],
  [{ script: 'app.js', cron_restart: '* * * * *' }, 'cron_restart is refused'],
  [{ script: 'app.js', watch: true }, 'watch: true is refused'],
  [{ script: 'app.js', instances: 'many' }, 'expected a whole number or \'max\', got "many"'],
  [{ script: 'none.js' }, 'none.js was not found: there is no file /srv/none.js'],
  [{ name: 'x' }, 'app "x": script is missing'],
  [{ script: 'main.ts' }, 'does not run TypeScript'],
  [{ script: 'app.js', env: { 'A B': 1 } }, 'expected names of variables'],
])('%j is answered with what is wrong', (app, message) => {
  const { objects, errors } = convert({ apps: [app] });
  expect([objects, errors.join('\n')]).toEqual([[], expect.stringContaining(message)]);
});

test('one wrong app means that nothing is applied, and all errors are told', () => {
  const { objects, errors } = convert({ apps: [{ script: 'app.js' }, { script: 'no.js' }, { script: 'app.js', gid: 1 }], deploy: {} });
  expect([objects.length, errors.length]).toEqual([0, 3]);
});

test('every attribute of the table is supported or has a reason, and converting twice gives the same', () => {
  for (const [name, rule] of Object.entries(APP_ATTRIBUTES)) expect([name, rule.treat === 'supported' || rule.reason.length > 10]).toEqual([name, true]);
  const config = { apps: [{ script: 'app.js', instances: 2 }] };
  expect(convert(config)).toEqual(convert(config));
});

test('any name becomes a legal object name, and legal short ones stay', () => {
  fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => /^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/.test(objectNameOf(name))));
  fc.assert(fc.property(fc.stringMatching(/^[a-z]([a-z0-9]{0,20}[a-z0-9])?$/), (name) => objectNameOf(name) === name));
});

test('words in single quotes come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string().filter((word) => !word.includes("'"))), (words) => {
      expect(splitWords(words.map((word) => `'${word}'`).join(' '))).toEqual(words);
    }),
  );
});
